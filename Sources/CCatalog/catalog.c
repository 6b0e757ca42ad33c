#include "CCatalog.h"

static const unsigned char bytes[] = {
#embed "../../catalog.json"
};

const unsigned char *modelteca_catalog_bytes(void) { return bytes; }
size_t modelteca_catalog_count(void) { return sizeof bytes; }
