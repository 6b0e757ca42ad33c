#ifndef MODELTECA_CQRCODE_SHIM_H
#define MODELTECA_CQRCODE_SHIM_H
#include <qrencode.h>
#endif
