/*
 * The status page: which sealed lists were received. It shows no name, because nothing here opens
 * a list.
 */
#ifndef TP_DEMO_TRADING_PAGE_H
#define TP_DEMO_TRADING_PAGE_H

#include "demo/trading/list_store.h"

TP_MUST_USE struct tp_status tp_trading_page_write(const char *system_name,
                                                   struct tp_list_store *lists,
                                                   struct tp_bytes *page, struct tp_error *error);

#endif
