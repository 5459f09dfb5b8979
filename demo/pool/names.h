/* What made-up experts are made of. */
#ifndef TP_DEMO_POOL_NAMES_H
#define TP_DEMO_POOL_NAMES_H

#include <stddef.h>

struct tp_demo_city {
    const char *name;
    unsigned weight; /* of all experts, in units of the sum */
};

struct tp_demo_specialty {
    const char *code, *name, *parent;
    unsigned weight;
};

extern const char *const tp_demo_surnames[];
extern const size_t tp_demo_surname_count;
extern const char *const tp_demo_given[];
extern const size_t tp_demo_given_count;
extern const struct tp_demo_city tp_demo_cities[];
extern const size_t tp_demo_city_count;
extern const struct tp_demo_specialty tp_demo_specialties[];
extern const size_t tp_demo_specialty_count;
extern const char *const tp_demo_trades[];
extern const size_t tp_demo_trade_count;
extern const char *const tp_demo_brands[];
extern const size_t tp_demo_brand_count;

#endif
