import CVips
import Domain

extension VipsPicture {
    /// What to do about transparency.
    enum Alpha { case onWhite, kept }

    /// 8-bit samples in few bands (grey, RGB or CMYK, with or without alpha), whatever the file had. Still lazy, and in
    /// the file's own colours: the profile is applied to the small picture, by `inSRGB`.
    func plain(_ alpha: Alpha) throws(ImageReadingError) -> VipsPicture {
        var picture = self
        switch interpretation {
        case VIPS_INTERPRETATION_B_W, VIPS_INTERPRETATION_sRGB, VIPS_INTERPRETATION_RGB, VIPS_INTERPRETATION_CMYK:
            break
        case VIPS_INTERPRETATION_GREY16, VIPS_INTERPRETATION_RGB16:
            break
        case VIPS_INTERPRETATION_MULTIBAND:
            let space = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
            picture = try picture.applying { imago_retag($0, space) }
        default:
            picture = try picture.applying { imago_colourspace($0, VIPS_INTERPRETATION_sRGB) }
        }
        if picture.format == VIPS_FORMAT_USHORT {
            picture = try picture.applying { imago_cast($0, VIPS_FORMAT_UCHAR, 1) }
        } else if picture.format != VIPS_FORMAT_UCHAR {
            picture = try picture.applying { imago_cast($0, VIPS_FORMAT_UCHAR, 0) }
        }
        switch picture.interpretation {
        case VIPS_INTERPRETATION_GREY16: picture = try picture.applying { imago_retag($0, VIPS_INTERPRETATION_B_W) }
        case VIPS_INTERPRETATION_RGB16: picture = try picture.applying { imago_retag($0, VIPS_INTERPRETATION_sRGB) }
        default: break
        }
        return try picture.withoutExtraBands().handlingAlpha(alpha)
    }

    private var colourBands: Int {
        switch interpretation {
        case VIPS_INTERPRETATION_B_W: 1
        case VIPS_INTERPRETATION_CMYK: 4
        default: 3
        }
    }

    private func withoutExtraBands() throws(ImageReadingError) -> VipsPicture {
        // Opacity over inks says little; the inks stay.
        let most = interpretation == VIPS_INTERPRETATION_CMYK ? 4 : colourBands + 1
        guard bands >= colourBands else { throw .corrupt("The image has too few colour channels.") }
        return bands <= most ? self : try applying { imago_extract_bands($0, 0, Int32(most)) }
    }

    private func handlingAlpha(_ alpha: Alpha) throws(ImageReadingError) -> VipsPicture {
        guard bands > colourBands else { return self }
        switch alpha {
        case .onWhite: return try applying { imago_flatten($0, 255) }
        // Floats, to be undone by `inSRGB` once the resize has mixed neighbours by their opacity.
        case .kept: return try applying { imago_premultiply($0) }
        }
    }

    /// 8-bit sRGB of 3 bands, or 4 with alpha.
    func inSRGB() throws(ImageReadingError) -> VipsPicture {
        var picture = self
        if picture.format != VIPS_FORMAT_UCHAR {
            picture = try picture.applying { imago_unpremultiply($0) }
                .applying { imago_cast($0, VIPS_FORMAT_UCHAR, 0) }
        }
        let isCMYK = picture.interpretation == VIPS_INTERPRETATION_CMYK
        if isCMYK || (picture.hasProfile && !picture.profileIsSRGB) {
            // A profile that doesn't fit the pixels is passed over, as viewers do.
            if let converted = try? picture.applying({ imago_icc_to_srgb($0, isCMYK ? "cmyk" : "srgb") })
                .materialised()
            {
                return converted
            }
        }
        return try picture.applying { imago_colourspace($0, VIPS_INTERPRETATION_sRGB) }
    }

    /// Whether the profile describes itself as sRGB, as most do; applying it would cost time and change nothing.
    private var profileIsSRGB: Bool {
        var start: UnsafeRawPointer?
        var count = 0
        guard interpretation != VIPS_INTERPRETATION_B_W,
            vips_image_get_blob(pointer, "icc-profile-data", &start, &count) == 0, let start
        else { return false }
        return ColourProfile.describesSRGB(UnsafeRawBufferPointer(start: start, count: count))
    }
}
