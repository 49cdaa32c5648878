#include "CResources.h"

// A file that is missing here is missing in the binary, which a test notices. The compiler knows these files as it knows
// headers, so a change of one builds this again.

static const unsigned char console_css[] = {
#embed "../HTTPAPI/Resources/console.css"
};
static const unsigned char console_js[] = {
#embed "../HTTPAPI/Resources/console.js"
};
static const unsigned char console_api_js[] = {
#embed "../HTTPAPI/Resources/console/api.js"
};
static const unsigned char console_card_js[] = {
#embed "../HTTPAPI/Resources/console/card.js"
};
static const unsigned char console_curl_js[] = {
#embed "../HTTPAPI/Resources/console/curl.js"
};
static const unsigned char console_detail_js[] = {
#embed "../HTTPAPI/Resources/console/detail.js"
};
static const unsigned char console_dom_js[] = {
#embed "../HTTPAPI/Resources/console/dom.js"
};
static const unsigned char console_drop_js[] = {
#embed "../HTTPAPI/Resources/console/drop.js"
};
static const unsigned char console_empty_js[] = {
#embed "../HTTPAPI/Resources/console/empty.js"
};
static const unsigned char console_files_js[] = {
#embed "../HTTPAPI/Resources/console/files.js"
};
static const unsigned char console_filters_js[] = {
#embed "../HTTPAPI/Resources/console/filters.js"
};
static const unsigned char console_format_js[] = {
#embed "../HTTPAPI/Resources/console/format.js"
};
static const unsigned char console_grid_js[] = {
#embed "../HTTPAPI/Resources/console/grid.js"
};
static const unsigned char console_metadata_js[] = {
#embed "../HTTPAPI/Resources/console/metadata.js"
};
static const unsigned char console_notices_js[] = {
#embed "../HTTPAPI/Resources/console/notices.js"
};
static const unsigned char console_pages_js[] = {
#embed "../HTTPAPI/Resources/console/pages.js"
};
static const unsigned char console_queue_js[] = {
#embed "../HTTPAPI/Resources/console/queue.js"
};
static const unsigned char console_selection_js[] = {
#embed "../HTTPAPI/Resources/console/selection.js"
};
static const unsigned char console_session_js[] = {
#embed "../HTTPAPI/Resources/console/session.js"
};
static const unsigned char console_shortcuts_js[] = {
#embed "../HTTPAPI/Resources/console/shortcuts.js"
};
static const unsigned char console_toolbar_js[] = {
#embed "../HTTPAPI/Resources/console/toolbar.js"
};
static const unsigned char console_transfer_js[] = {
#embed "../HTTPAPI/Resources/console/transfer.js"
};
static const unsigned char console_uploads_js[] = {
#embed "../HTTPAPI/Resources/console/uploads.js"
};
static const unsigned char console_view_js[] = {
#embed "../HTTPAPI/Resources/console/view.js"
};
static const unsigned char console_watch_js[] = {
#embed "../HTTPAPI/Resources/console/watch.js"
};
static const unsigned char docs_css[] = {
#embed "../HTTPAPI/Resources/docs.css"
};
static const unsigned char docs_html[] = {
#embed "../HTTPAPI/Resources/docs.html"
};
static const unsigned char docs_js[] = {
#embed "../HTTPAPI/Resources/docs.js"
};
static const unsigned char docs_code_js[] = {
#embed "../HTTPAPI/Resources/docs/code.js"
};
static const unsigned char docs_operation_js[] = {
#embed "../HTTPAPI/Resources/docs/operation.js"
};
static const unsigned char docs_problems_js[] = {
#embed "../HTTPAPI/Resources/docs/problems.js"
};
static const unsigned char docs_schema_js[] = {
#embed "../HTTPAPI/Resources/docs/schema.js"
};
static const unsigned char docs_text_js[] = {
#embed "../HTTPAPI/Resources/docs/text.js"
};
static const unsigned char icon_svg[] = {
#embed "../HTTPAPI/Resources/icon.svg"
};
static const unsigned char index_html[] = {
#embed "../HTTPAPI/Resources/index.html"
};
static const unsigned char openapi_json[] = {
#embed "../HTTPAPI/Resources/openapi.json"
};
static const unsigned char theme_css[] = {
#embed "../HTTPAPI/Resources/theme.css"
};
static const unsigned char theme_js[] = {
#embed "../HTTPAPI/Resources/theme.js"
};

static const imago_resource resources[] = {
    {"console.css", console_css, sizeof console_css},
    {"console.js", console_js, sizeof console_js},
    {"console/api.js", console_api_js, sizeof console_api_js},
    {"console/card.js", console_card_js, sizeof console_card_js},
    {"console/curl.js", console_curl_js, sizeof console_curl_js},
    {"console/detail.js", console_detail_js, sizeof console_detail_js},
    {"console/dom.js", console_dom_js, sizeof console_dom_js},
    {"console/drop.js", console_drop_js, sizeof console_drop_js},
    {"console/empty.js", console_empty_js, sizeof console_empty_js},
    {"console/files.js", console_files_js, sizeof console_files_js},
    {"console/filters.js", console_filters_js, sizeof console_filters_js},
    {"console/format.js", console_format_js, sizeof console_format_js},
    {"console/grid.js", console_grid_js, sizeof console_grid_js},
    {"console/metadata.js", console_metadata_js, sizeof console_metadata_js},
    {"console/notices.js", console_notices_js, sizeof console_notices_js},
    {"console/pages.js", console_pages_js, sizeof console_pages_js},
    {"console/queue.js", console_queue_js, sizeof console_queue_js},
    {"console/selection.js", console_selection_js, sizeof console_selection_js},
    {"console/session.js", console_session_js, sizeof console_session_js},
    {"console/shortcuts.js", console_shortcuts_js, sizeof console_shortcuts_js},
    {"console/toolbar.js", console_toolbar_js, sizeof console_toolbar_js},
    {"console/transfer.js", console_transfer_js, sizeof console_transfer_js},
    {"console/uploads.js", console_uploads_js, sizeof console_uploads_js},
    {"console/view.js", console_view_js, sizeof console_view_js},
    {"console/watch.js", console_watch_js, sizeof console_watch_js},
    {"docs.css", docs_css, sizeof docs_css},
    {"docs.html", docs_html, sizeof docs_html},
    {"docs.js", docs_js, sizeof docs_js},
    {"docs/code.js", docs_code_js, sizeof docs_code_js},
    {"docs/operation.js", docs_operation_js, sizeof docs_operation_js},
    {"docs/problems.js", docs_problems_js, sizeof docs_problems_js},
    {"docs/schema.js", docs_schema_js, sizeof docs_schema_js},
    {"docs/text.js", docs_text_js, sizeof docs_text_js},
    {"icon.svg", icon_svg, sizeof icon_svg},
    {"index.html", index_html, sizeof index_html},
    {"openapi.json", openapi_json, sizeof openapi_json},
    {"theme.css", theme_css, sizeof theme_css},
    {"theme.js", theme_js, sizeof theme_js},
};

const imago_resource *imago_resources(size_t *count) {
    *count = sizeof resources / sizeof resources[0];
    return resources;
}
