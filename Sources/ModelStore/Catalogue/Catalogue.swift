import Domain

/// The models that `imago models pull` knows by name.
///
/// Repositories, files and preprocessing are those of the public exports; figures are quoted from where they were
/// published. No SHA-256 is pinned here for files that were never seen by the project: they are compared with what the hub
/// records of them, and the manifest written at installation pins them from then on.
public enum Catalogue {
    public static let entries: [CatalogueEntry] = clips + siglips + siglips2 + mobile + multilingual

    public static func entry(named name: String) -> CatalogueEntry? { entries.first { $0.name == name } }

    // MARK: What several have in common.

    private static let mit = CatalogueEntry.License(
        name: "MIT", url: "https://opensource.org/license/mit", needsConsent: false)
    private static let apache = CatalogueEntry.License(
        name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0", needsConsent: false)
    /// Of the weights; Apple's terms allow research only.
    private static let apple = CatalogueEntry.License(
        name: "Apple Machine Learning Research Model License (research only)",
        url: "https://github.com/apple/ml-mobileclip/blob/main/LICENSE_weights_data", needsConsent: true)

    private static let openCLIP = "OpenCLIP, docs/openclip_retrieval_results.csv"
    private static let siglip2Paper = "SigLIP 2 (arXiv 2502.14786), table 1"
    private static let estimate = "the model's logit scale and a guess at the offset; 'imago models calibrate' fits it"

    private static func recalls(_ coco: Double, _ flickr: Double?, _ source: String) -> [CatalogueEntry.Figure] {
        [CatalogueEntry.Figure(what: "COCO text-to-image R@1", value: coco, source: source)]
            + (flickr.map { [.init(what: "Flickr30k text-to-image R@1", value: $0, source: source)] } ?? [])
    }

    /// OpenAI's pipeline: the shorter side scaled, the middle kept.
    private static let clipPixels = Preprocessing(
        size: 224, resize: .shortestSide, interpolation: .bicubic, crop: .center, colourOrder: .rgb,
        mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711])

    private static func halfPixels(_ size: Int, _ interpolation: Preprocessing.Interpolation) -> Preprocessing {
        Preprocessing(
            size: size, resize: .squash, interpolation: interpolation, crop: .none, colourOrder: .rgb,
            mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
    }

    /// Each token sees only those before it, and the end token is looked for: what follows it does not matter.
    private static let clipText = CatalogueEntry.Text(
        contextLength: 77, paddingToken: "<|endoftext|>", fillsContext: false, lowercase: false)
    private static let clipScore = ScoreCalibration(slope: 100, intercept: -27)

    private static let xenovaImage = CatalogueEntry.File("onnx/vision_model.onnx", as: "image.onnx")
    private static let xenovaText = CatalogueEntry.File("onnx/text_model.onnx", as: "text.onnx")
    private static let rootTokenizer = CatalogueEntry.File("tokenizer.json", as: "tokenizer.json")

    // MARK: The models.

    private static let clips: [CatalogueEntry] = [
        CatalogueEntry(
            name: "clip-vit-b-32-laion2b", summary: "OpenCLIP ViT-B/32 trained on LAION-2B", languages: "English",
            license: mit, repository: "immich-app/ViT-B-32__laion2b-s34b-b79k",
            image: .init("visual/model.onnx", as: "image.onnx"), text: .init("textual/model.onnx", as: "text.onnx"),
            tokenizer: .init("textual/tokenizer.json", as: "tokenizer.json"), dimension: 512,
            preprocessing: clipPixels, tokens: clipText, calibration: clipScore, calibrationSource: estimate,
            figures: recalls(39.34, 66.78, openCLIP)),
        CatalogueEntry(
            name: "clip-vit-b-32-openai", summary: "OpenAI CLIP ViT-B/32", languages: "English", license: mit,
            repository: "Xenova/clip-vit-base-patch32", image: xenovaImage, text: xenovaText,
            tokenizer: rootTokenizer, dimension: 512, preprocessing: clipPixels, tokens: clipText,
            calibration: clipScore, calibrationSource: estimate, figures: recalls(30.44, 58.78, openCLIP)),
        CatalogueEntry(
            name: "clip-vit-b-16-openai", summary: "OpenAI CLIP ViT-B/16", languages: "English", license: mit,
            repository: "Xenova/clip-vit-base-patch16", image: xenovaImage, text: xenovaText,
            tokenizer: rootTokenizer, dimension: 512, preprocessing: clipPixels, tokens: clipText,
            calibration: clipScore, calibrationSource: estimate, figures: recalls(33.09, 62.16, openCLIP)),
    ]

    private static let siglips: [CatalogueEntry] = [
        CatalogueEntry(
            name: "siglip-b-16-224", summary: "SigLIP ViT-B/16 at 224 pixels", languages: "English", license: apache,
            repository: "Xenova/siglip-base-patch16-224", image: xenovaImage, text: xenovaText,
            tokenizer: rootTokenizer, dimension: 768, preprocessing: halfPixels(224, .bicubic),
            tokens: .init(contextLength: 64, paddingToken: "</s>", fillsContext: true, lowercase: false),
            calibration: ScoreCalibration(slope: 117.330795, intercept: -12.932437),
            calibrationSource: "the model's own scale and bias", figures: recalls(47.78, 74.68, openCLIP))
    ]

    private static let siglips2: [CatalogueEntry] = [
        siglip2("siglip2-b-16-224", patch: 16, size: 224, figures: recalls(52.1, nil, siglip2Paper)),
        siglip2("siglip2-b-16-256", patch: 16, size: 256, figures: recalls(53.2, nil, siglip2Paper)),
        siglip2("siglip2-b-16-384", patch: 16, size: 384, figures: []),
        siglip2("siglip2-b-32-256", patch: 32, size: 256, figures: []),
    ]

    private static func siglip2(
        _ name: String, patch: Int, size: Int, figures: [CatalogueEntry.Figure]
    ) -> CatalogueEntry {
        CatalogueEntry(
            name: name, summary: "SigLIP 2 ViT-B/\(patch) at \(size) pixels", languages: "over 100", license: apache,
            repository: "onnx-community/siglip2-base-patch\(patch)-\(size)-ONNX", image: xenovaImage,
            text: xenovaText, tokenizer: rootTokenizer, dimension: 768, preprocessing: halfPixels(size, .bilinear),
            tokens: .init(contextLength: 64, paddingToken: "<pad>", fillsContext: true, lowercase: true),
            calibration: ScoreCalibration(slope: 112.668907, intercept: -16.771725),
            calibrationSource: name == "siglip2-b-16-224"
                ? "the model's own scale and bias"
                : "the scale and bias of siglip2-b-16-224; 'imago models calibrate' fits this model's",
            figures: figures)
    }

    private static let mobile: [CatalogueEntry] = ["s0", "s2"].map { size in
        CatalogueEntry(
            name: "mobileclip2-\(size)", summary: "MobileCLIP2-\(size.uppercased()), small and quick",
            languages: "English", license: apple, repository: "plhery/mobileclip2-onnx",
            image: .init("onnx/\(size)/vision_model.onnx", as: "image.onnx"),
            text: .init("onnx/\(size)/text_model.onnx", as: "text.onnx"), tokenizer: rootTokenizer, dimension: 512,
            preprocessing: Preprocessing(
                size: 256, resize: .shortestSide, interpolation: .bilinear, crop: .center, colourOrder: .rgb,
                mean: [0, 0, 0], std: [1, 1, 1]),
            // Each token sees all others, so what fills up counts: zeros in training, which are this token.
            tokens: .init(contextLength: 77, paddingToken: "!", fillsContext: true, lowercase: false),
            calibration: clipScore, calibrationSource: estimate, figures: [])
    }

    private static let multilingual: [CatalogueEntry] = [
        CatalogueEntry(
            name: "xlm-roberta-vit-b-32", summary: "OpenCLIP ViT-B/32 with XLM-RoBERTa, trained on LAION-5B",
            languages: "about 100", license: mit, repository: "immich-app/XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k",
            image: .init("visual/model.onnx", as: "image.onnx"), text: .init("textual/model.onnx", as: "text.onnx"),
            tokenizer: .init("textual/tokenizer.json", as: "tokenizer.json"), dimension: 512,
            preprocessing: clipPixels,
            tokens: .init(contextLength: 77, paddingToken: "<pad>", fillsContext: true, lowercase: false),
            calibration: clipScore, calibrationSource: estimate, figures: recalls(37.78, 64.48, openCLIP))
    ]
}
