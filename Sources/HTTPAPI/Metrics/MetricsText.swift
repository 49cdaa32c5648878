import Domain

/// Lines of Prometheus' text exposition format, version 0.0.4.
private struct MetricLines {
    var text = ""

    mutating func describe(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        let all = labels.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
        let number = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
        text += "\(name)\(all.isEmpty ? "" : "{\(all)}") \(number)\n"
    }

    mutating func single(_ name: String, _ kind: String, _ help: String, _ value: Double) {
        describe(name, kind, help)
        sample(name, [], value)
    }
}

extension HTTPMetrics {
    /// Everything counted, as Prometheus reads it. Labels are ours: methods of a fixed list, routes of the table.
    func text(images: [IndexingStatus: Int], searchable: Int, backlog: JobCounts, now: Timestamp) -> String {
        let state = snapshot
        var lines = MetricLines()
        lines.describe("imago_http_requests_total", "counter", "Requests answered.")
        for (key, count) in state.requests.sorted(by: { $0.key < $1.key }) {
            lines.sample(
                "imago_http_requests_total",
                [("method", key.method), ("route", key.route), ("status", String(key.status))], Double(count))
        }
        lines.describe(
            "imago_http_request_seconds", "histogram", "Time from a request's head to the end of its answer.")
        for (route, histogram) in state.latency.sorted(by: { $0.key < $1.key }) { lines.add(histogram, route: route) }
        lines.single("imago_http_sent_bytes_total", "counter", "Bytes of answers' bodies.", Double(state.sentBytes))
        lines.single("imago_images_stored_total", "counter", "Images stored.", Double(state.storedImages))
        lines.single("imago_image_bytes_stored_total", "counter", "Bytes of images stored.", Double(state.storedBytes))
        lines.single(
            "imago_files_refused_total", "counter", "Files refused within uploads.", Double(state.refusedFiles))
        lines.single("imago_images_indexed_total", "counter", "Images indexed.", Double(state.indexed))
        lines.single(
            "imago_indexing_retries_total", "counter", "Indexing tries that failed and are repeated.",
            Double(state.indexingRetries))
        lines.single(
            "imago_indexing_failures_total", "counter", "Images that can't be indexed.", Double(state.indexingFailures))

        lines.describe("imago_images", "gauge", "Images by indexing status.")
        for status in IndexingStatus.allCases {
            lines.sample("imago_images", [("status", status.metricName)], Double(images[status] ?? 0))
        }
        lines.single("imago_vectors", "gauge", "Vectors that a search looks at.", Double(searchable))
        lines.describe("imago_jobs", "gauge", "Indexing jobs by state.")
        lines.sample("imago_jobs", [("state", "queued")], Double(backlog.queued))
        lines.sample("imago_jobs", [("state", "running")], Double(backlog.running))
        lines.single(
            "imago_job_oldest_wait_seconds", "gauge", "How long the oldest waiting job has been due.",
            backlog.oldestDueAt.map { max(0, now - $0) } ?? 0)
        return lines.text
    }
}

extension MetricLines {
    fileprivate mutating func add(_ histogram: HTTPMetrics.Histogram, route: String) {
        let name = "imago_http_request_seconds"
        var total = 0
        for (bound, count) in zip(HTTPMetrics.Histogram.bounds, histogram.counts) {
            total += count
            sample("\(name)_bucket", [("route", route), ("le", String(bound))], Double(total))
        }
        total += histogram.counts.last ?? 0
        sample("\(name)_bucket", [("route", route), ("le", "+Inf")], Double(total))
        sample("\(name)_sum", [("route", route)], histogram.sum)
        sample("\(name)_count", [("route", route)], Double(total))
    }
}

extension IndexingStatus {
    fileprivate var metricName: String {
        switch self {
        case .notIndexed: "not_indexed"
        case .inProgress: "in_progress"
        case .indexed: "indexed"
        case .failed: "failed"
        }
    }
}
