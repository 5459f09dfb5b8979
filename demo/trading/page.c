#include "demo/trading/page.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

static const char head[] =
    "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<meta http-equiv=\"refresh\" content=\"5\"><title>电子交易系统 · 专家名单</title><style>"
    "body{margin:0;background:#f3f5f8;color:#1d2733;"
    "font:15px/1.6 \"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\",sans-serif}"
    "header{background:#12395f;color:#fff;padding:20px 32px}h1{font-size:22px;margin:0}"
    "header p{margin:4px 0 0;opacity:.8}main{max-width:1180px;margin:24px auto;padding:0 24px}"
    "table{width:100%;border-collapse:collapse;background:#fff;border-radius:8px;overflow:hidden;"
    "box-shadow:0 1px 3px #0002}th,td{text-align:left;padding:12px 16px;"
    "border-bottom:1px solid #e7ebf0}th{background:#eaf0f6;font-weight:600}"
    "code{font:13px/1.4 \"DejaVu Sans Mono\",monospace;word-break:break-all}"
    ".empty{background:#fff;border-radius:8px;padding:48px;text-align:center;color:#66727f}"
    ".note{color:#66727f;margin:16px 0}</style></head><body>";

static void append_escaped(struct tp_bytes *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            tp_bytes_append_text(out, "&amp;");
            break;
        case '<':
            tp_bytes_append_text(out, "&lt;");
            break;
        case '>':
            tp_bytes_append_text(out, "&gt;");
            break;
        case '"':
            tp_bytes_append_text(out, "&quot;");
            break;
        default:
            tp_bytes_append(out, text, 1);
        }
    }
}

struct rows {
    struct tp_bytes *out;
    size_t count;
};

static void append_cell(struct tp_bytes *out, const char *text, bool code)
{
    tp_bytes_append_text(out, code ? "<td><code>" : "<td>");
    append_escaped(out, text);
    tp_bytes_append_text(out, code ? "</code></td>" : "</td>");
}

static void append_row(void *context, const struct tp_received_list *list, int64_t received_at_ms)
{
    struct rows *rows = context;
    char when[TP_TIME_TEXT_BYTES];
    if (rows->count++ == 0)
        tp_bytes_append_text(rows->out, "<table><thead><tr><th>收到时间</th><th>标段编号</th>"
                                        "<th>评标会话</th><th>版本</th><th>密文长度</th>"
                                        "<th>名单摘要</th><th>状态</th></tr></thead><tbody>");
    tp_time_format_chinese(received_at_ms, when);
    tp_bytes_append_text(rows->out, "<tr>");
    append_cell(rows->out, when, false);
    append_cell(rows->out, list->lot_code, false);
    append_cell(rows->out, list->session_id, true);
    tp_bytes_append_format(rows->out, "<td>第 %" PRId64 " 版</td><td>%zu 字节</td>", list->version,
                           list->sealed_bytes);
    append_cell(rows->out, list->list_hash, true);
    append_cell(rows->out, "已签收", false);
    tp_bytes_append_text(rows->out, "</tr>");
}

struct tp_status tp_trading_page_write(const char *system_name, struct tp_list_store *lists,
                                       struct tp_bytes *page, struct tp_error *error)
{
    struct rows rows = {.out = page};
    tp_bytes_append_text(page, head);
    tp_bytes_append_text(page, "<header><h1>");
    append_escaped(page, system_name);
    tp_bytes_append_text(page, "</h1><p>评标专家名单接收</p></header><main>");
    struct tp_status status = tp_list_store_read(lists, append_row, &rows, error);
    if (tp_failed(status))
        return status;
    if (rows.count > 0)
        tp_bytes_append_text(page, "</tbody></table><p class=\"note\">名单以本系统公钥加密，"
                                   "评标开始前本系统不解密，本页不显示任何专家姓名。</p>");
    else
        tp_bytes_append_text(page, "<div class=\"empty\">尚未收到专家名单</div>");
    tp_bytes_append_text(page, "</main></body></html>\n");
    return tp_bytes_check(page, error);
}
