/* The HTTP face of the engine: translates, decides nothing. */
#ifndef TP_DRAW_API_H
#define TP_DRAW_API_H

#include "base/http/server.h"
#include "expert-draw/engine.h"

struct tp_draw_api {
    struct tp_draw_engine *engine;
    const char *client_name;  /* the certificate's common name that may call */
    const char *reply_secret; /* of the gateway */
};

/* The coordinator's calls; `api` is borrowed while the server runs. */
TP_MUST_USE struct tp_status tp_draw_api_route(struct tp_http_server *server,
                                               struct tp_draw_api *api, struct tp_error *error);
/* The gateway's call. */
TP_MUST_USE struct tp_status tp_draw_api_route_replies(struct tp_http_server *server,
                                                       struct tp_draw_api *api,
                                                       struct tp_error *error);

#endif
