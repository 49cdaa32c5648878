#pragma once

// libvips' calls are variadic; Swift can't call variadic C functions. Each one used gets a static inline shim here.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vips/vips.h>

// MARK: Loaders. Each reads a buffer that must outlive the image; sequential access keeps big pictures out of memory.

static inline VipsImage *imago_jpegload(const void *bytes, size_t count, int shrink, VipsFailOn fail_on) {
    VipsImage *out = NULL;
    vips_jpegload_buffer((void *)bytes, count, &out, "shrink", shrink, "fail_on", fail_on, "access",
                         VIPS_ACCESS_SEQUENTIAL, NULL);
    return out;
}

static inline VipsImage *imago_pngload(const void *bytes, size_t count, VipsFailOn fail_on) {
    VipsImage *out = NULL;
    vips_pngload_buffer((void *)bytes, count, &out, "fail_on", fail_on, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    return out;
}

static inline VipsImage *imago_webpload(const void *bytes, size_t count, double scale, VipsFailOn fail_on) {
    VipsImage *out = NULL;
    vips_webpload_buffer((void *)bytes, count, &out, "scale", scale, "fail_on", fail_on, "access",
                         VIPS_ACCESS_SEQUENTIAL, NULL);
    return out;
}

static inline VipsImage *imago_gifload(const void *bytes, size_t count, VipsFailOn fail_on) {
    VipsImage *out = NULL;
    vips_gifload_buffer((void *)bytes, count, &out, "fail_on", fail_on, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    return out;
}

static inline VipsImage *imago_tiffload(const void *bytes, size_t count, VipsFailOn fail_on) {
    VipsImage *out = NULL;
    vips_tiffload_buffer((void *)bytes, count, &out, "fail_on", fail_on, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    return out;
}

static inline VipsImage *imago_heifload(const void *bytes, size_t count, VipsFailOn fail_on) {
    VipsImage *out = NULL;
    vips_heifload_buffer((void *)bytes, count, &out, "fail_on", fail_on, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    return out;
}

// MARK: Operations. Each returns a new reference, or NULL after leaving a text in libvips' error buffer.

static inline VipsImage *imago_shrink(VipsImage *in, int across, int down) {
    VipsImage *out = NULL;
    vips_shrink(in, &out, across, down, NULL);
    return out;
}

static inline VipsImage *imago_flatten(VipsImage *in, double background) {
    VipsImage *out = NULL;
    VipsArrayDouble *colour = vips_array_double_new(&background, 1);
    vips_flatten(in, &out, "background", colour, NULL);
    vips_area_unref(VIPS_AREA(colour));
    return out;
}

// Colours times opacity, as bytes.
static inline VipsImage *imago_premultiply(VipsImage *in) {
    VipsImage *floats = NULL, *out = NULL;
    if (vips_premultiply(in, &floats, NULL)) return NULL;
    // Half a step, since the cast cuts.
    vips_linear1(floats, &out, 1, 0.5, "uchar", TRUE, NULL);
    g_object_unref(floats);
    return out;
}

static inline VipsImage *imago_cast(VipsImage *in, VipsBandFormat format, gboolean shift) {
    VipsImage *out = NULL;
    vips_cast(in, &out, format, "shift", shift, NULL);
    return out;
}

static inline VipsImage *imago_colourspace(VipsImage *in, VipsInterpretation space) {
    VipsImage *out = NULL;
    vips_colourspace(in, &out, space, NULL);
    return out;
}

// To sRGB through the embedded profile, or through the named built-in one where none fits.
static inline VipsImage *imago_icc_to_srgb(VipsImage *in, const char *fallback) {
    VipsImage *out = NULL;
    vips_icc_transform(in, &out, "srgb", "embedded", TRUE, "input_profile", fallback, "intent",
                       VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, "depth", 8, NULL);
    return out;
}

static inline VipsImage *imago_retag(VipsImage *in, VipsInterpretation space) {
    VipsImage *out = NULL;
    vips_copy(in, &out, "interpretation", space, NULL);
    return out;
}

static inline VipsImage *imago_extract_bands(VipsImage *in, int first, int count) {
    VipsImage *out = NULL;
    vips_extract_band(in, &out, first, "n", count, NULL);
    return out;
}

// MARK: Encoders. The buffer is the caller's, to be freed with g_free. None writes metadata.

static inline void *imago_webpsave(VipsImage *in, int quality, size_t *count) {
    void *bytes = NULL;
    vips_webpsave_buffer(in, &bytes, count, "Q", quality, "strip", TRUE, NULL);
    return bytes;
}

static inline void *imago_jpegsave(VipsImage *in, int quality, size_t *count) {
    void *bytes = NULL;
    vips_jpegsave_buffer(in, &bytes, count, "Q", quality, "optimize_coding", TRUE, "strip", TRUE, NULL);
    return bytes;
}

static inline void *imago_pngsave(VipsImage *in, size_t *count) {
    void *bytes = NULL;
    vips_pngsave_buffer(in, &bytes, count, "strip", TRUE, NULL);
    return bytes;
}

static inline void *imago_avifsave(VipsImage *in, int quality, size_t *count) {
    void *bytes = NULL;
    vips_heifsave_buffer(in, &bytes, count, "Q", quality, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1,
                         "effort", 2, "strip", TRUE, NULL);
    return bytes;
}

// MARK: Runtime.

static inline void imago_discard_log(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data) {
    (void)domain, (void)level, (void)text, (void)data;
}

// libvips prints warnings about odd files to standard error; what matters comes back as an error.
static inline void imago_silence_vips_warnings(void) {
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG, imago_discard_log, NULL);
}

static inline void imago_end_at_error(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data) {
    (void)domain, (void)level;
    if (text && strstr(text, "failed to allocate")) _exit(GPOINTER_TO_INT(data));
    abort();
}

// GLib ends the process when it gets no memory: then with this exit status, so that who waits for it knows why.
static inline void imago_exit_when_glib_lacks_memory(int status) {
    g_log_set_handler("GLib", (GLogLevelFlags)(G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION),
                      imago_end_at_error, GINT_TO_POINTER(status));
}

static inline gboolean imago_has_operation(const char *name) {
    return vips_type_find("VipsOperation", name) != 0;
}
