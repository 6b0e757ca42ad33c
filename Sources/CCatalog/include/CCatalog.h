#ifndef MODELTECA_CCATALOG_H
#define MODELTECA_CCATALOG_H
#include <stddef.h>

/// The built-in catalog: the bytes of `catalog.json`, without a closing zero.
const unsigned char *modelteca_catalog_bytes(void);
size_t modelteca_catalog_count(void);

#endif
