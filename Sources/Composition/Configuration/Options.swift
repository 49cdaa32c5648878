extension ServerConfiguration {
    /// Every setting, in the order `--help` lists them.
    public static let options: [ConfigurationOption] = [
        ConfigurationOption("host", default: "127.0.0.1", group: "Server", "address to listen on; 0.0.0.0 for all"),
        ConfigurationOption("port", default: "8080", group: "Server", "port to listen on; 0 picks a free one"),
        ConfigurationOption(
            "public-url", default: "from the request's Host", group: "Server",
            "what clients call this server, the start of every image_url, for instance https://images.example.com"),
        ConfigurationOption(
            "data-dir", default: "~/.local/share/imago", group: "Server",
            "folder for the catalog, the images and the index"),
        ConfigurationOption(
            "first-key", default: "true", group: "Server",
            "make an API key for the account \"default\" when there is none, and print it once"),
        ConfigurationOption(
            "shutdown-timeout", default: "30s", group: "Server",
            "how long requests and jobs under way may take to finish"),
        ConfigurationOption(
            "idle-timeout", default: "60s", group: "Server", "how long a client may stay silent in a request"),
        ConfigurationOption(
            "log-level", default: "info", group: "Logging", "trace, debug, info, notice, warning, error or critical"),
        ConfigurationOption("log-format", default: "text", group: "Logging", "text for people, json for machines"),
        ConfigurationOption("max-file-bytes", default: "64MiB", group: "Limits", "largest image file"),
        ConfigurationOption("max-files", default: "256", group: "Limits", "most files in one upload"),
        ConfigurationOption("max-request-bytes", default: "1GiB", group: "Limits", "largest upload"),
        ConfigurationOption(
            "max-pixels", default: "100000000", group: "Limits", "most pixels of an image, width times height"),
        ConfigurationOption("max-frames", default: "1000", group: "Limits", "most frames of an animation"),
        ConfigurationOption(
            "max-rendition-bytes", default: "1GiB", group: "Limits", "room for smaller copies of images on disk"),
        ConfigurationOption(
            "rate-limit-uploads", default: "off", group: "Limits", "uploads a minute for each key, or off"),
        ConfigurationOption(
            "rate-limit-searches", default: "off", group: "Limits", "searches a minute for each key, or off"),
        ConfigurationOption(
            "rate-limit-reads", default: "off", group: "Limits", "other requests a minute for each key, or off"),
        ConfigurationOption(
            "url-lifetime", default: "24h", group: "Limits", "how long an image_url works"),
        ConfigurationOption(
            "model-dir", default: "the one chosen with 'imago models use', else the built-in one", group: "Model",
            "folder of the model that indexes and searches"),
        ConfigurationOption(
            "precision", default: "auto", group: "Model", "f32, bf16, or auto: the faster, where the processor has both"
        ),
        ConfigurationOption("model-threads", default: "all cores", group: "Model", "threads for the model"),
        ConfigurationOption(
            "model-requests", default: "measured at a model's first start", group: "Model",
            "images embedded at the same time"),
        ConfigurationOption(
            "decoders", default: "one per core", group: "Indexing", "images decoded at the same time"),
        ConfigurationOption(
            "isolation", default: "on", group: "Indexing",
            "on: images are decoded in processes of their own, which a hostile file can't leave; off: in the server"),
        ConfigurationOption(
            "workers", default: "two more than decoders", group: "Indexing", "processes that decode images"),
        ConfigurationOption(
            "worker-memory", default: "enough for max-pixels", group: "Indexing",
            "memory one of them may use; an image that needs more fails with decoder_out_of_memory"),
        ConfigurationOption(
            "worker-timeout", default: "30s", group: "Indexing",
            "time one image may take to be decoded; longer ones fail with decoder_timeout"),
        ConfigurationOption(
            "max-attempts", default: "5", group: "Indexing", "how often indexing an image is tried"),
        ConfigurationOption(
            "max-queued", default: "100000", group: "Indexing",
            "uploads are refused with 503 while more images than this wait"),
        ConfigurationOption(
            "snapshot-interval", default: "10m", group: "Indexing",
            "how often the vector index is saved for a quick start"),
    ]
}
