#ifndef MODELTECA_CCATALOGPAGE_H
#define MODELTECA_CCATALOGPAGE_H
#include <stddef.h>

/// The parts of the page that `slm web` makes, each without a closing zero.
typedef struct {
    const unsigned char *bytes;
    size_t count;
} catalog_page_part;

catalog_page_part catalog_page_html(void);
catalog_page_part catalog_page_style(void);
catalog_page_part catalog_page_script(void);

#endif
