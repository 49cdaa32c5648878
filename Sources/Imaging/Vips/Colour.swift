import CVips
import Domain

extension VipsPicture {
    /// What to do about transparency.
    enum Alpha { case onWhite, kept }

    /// Bytes in few bands (grey, RGB or CMYK, with or without alpha), whatever the file had. Still lazy, and in the
    /// file's own colours: `inSRGB` applies the profile to the small picture. Kept alpha is multiplied in, so that
    /// neighbours mix by their opacity.
    func plain(_ alpha: Alpha) throws(ImageReadingError) -> VipsPicture {
        var picture = self
        switch interpretation {
        case VIPS_INTERPRETATION_B_W, VIPS_INTERPRETATION_sRGB, VIPS_INTERPRETATION_CMYK: break
        case VIPS_INTERPRETATION_GREY16: picture = try picture.applying { imago_retag($0, VIPS_INTERPRETATION_B_W) }
        case VIPS_INTERPRETATION_RGB16, VIPS_INTERPRETATION_RGB:
            picture = try picture.applying { imago_retag($0, VIPS_INTERPRETATION_sRGB) }
        case VIPS_INTERPRETATION_MULTIBAND:
            let space = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
            picture = try picture.applying { imago_retag($0, space) }
        default: picture = try picture.applying { imago_colourspace($0, VIPS_INTERPRETATION_sRGB) }
        }
        if picture.format != VIPS_FORMAT_UCHAR {
            // 16 bits lose their lower half; other numbers are cut to 0...255.
            let isShort: gboolean = picture.format == VIPS_FORMAT_USHORT ? 1 : 0
            picture = try picture.applying { imago_cast($0, VIPS_FORMAT_UCHAR, isShort) }
        }
        return try picture.withoutExtraBands().handling(alpha)
    }

    /// Whether the last band is opacity; for what `plain` returned.
    var hasAlpha: Bool { bands > colourBands }

    private var colourBands: Int {
        switch interpretation {
        case VIPS_INTERPRETATION_B_W: 1
        case VIPS_INTERPRETATION_CMYK: 4
        default: 3
        }
    }

    private func withoutExtraBands() throws(ImageReadingError) -> VipsPicture {
        guard bands >= colourBands else { throw .corrupt("The image has too few colour channels.") }
        // Opacity over inks says little; the inks stay.
        let most = interpretation == VIPS_INTERPRETATION_CMYK ? colourBands : colourBands + 1
        return bands <= most ? self : try applying { imago_extract_bands($0, 0, Int32(most)) }
    }

    private func handling(_ alpha: Alpha) throws(ImageReadingError) -> VipsPicture {
        guard hasAlpha else { return self }
        return try applying { alpha == .onWhite ? imago_flatten($0, 255) : imago_premultiply($0) }
    }

    /// Converts a small picture made of this one's pixels to sRGB, where it is not sRGB or plain grey already.
    func inSRGB(_ pixels: PixelBuffer) throws(ImageReadingError) -> PixelBuffer {
        let isCMYK = interpretation == VIPS_INTERPRETATION_CMYK
        let profile = self.profile
        let profileMatters = profile.map { !ColourProfile.describesSRGB($0) } ?? false
        guard isCMYK || profileMatters else { return pixels }
        let picture = try VipsPicture(pixels, as: interpretation)
        if let profile {
            vips_image_set_blob_copy(picture.pointer, "icc-profile-data", profile.baseAddress, profile.count)
        }
        do {
            return try picture.applying { imago_icc_to_srgb($0, isCMYK ? "cmyk" : "srgb") }.rendered()
        } catch {
            // A profile that doesn't fit the pixels is passed over, as viewers do.
            return isCMYK ? try picture.applying { imago_colourspace($0, VIPS_INTERPRETATION_sRGB) }.rendered() : pixels
        }
    }

    /// The embedded ICC profile; valid while this picture is.
    private var profile: UnsafeRawBufferPointer? {
        var start: UnsafeRawPointer?
        var count = 0
        guard vips_image_get_typeof(pointer, "icc-profile-data") != 0,
            vips_image_get_blob(pointer, "icc-profile-data", &start, &count) == 0, let start
        else { return nil }
        return UnsafeRawBufferPointer(start: start, count: count)
    }
}
