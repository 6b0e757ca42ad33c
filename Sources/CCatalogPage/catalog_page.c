#include "CCatalogPage.h"

static const unsigned char html[] = {
#embed "page.html"
};
static const unsigned char style[] = {
#embed "page.css"
};
static const unsigned char script[] = {
#embed "page.js"
};

catalog_page_part catalog_page_html(void) { return (catalog_page_part){html, sizeof html}; }
catalog_page_part catalog_page_style(void) { return (catalog_page_part){style, sizeof style}; }
catalog_page_part catalog_page_script(void) { return (catalog_page_part){script, sizeof script}; }
