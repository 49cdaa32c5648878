-- One line of JSON at the end of a wrk run.
function done(summary, latency, requests)
    local seconds = summary.duration / 1e6
    local failed = summary.errors.connect + summary.errors.read + summary.errors.write
        + summary.errors.status + summary.errors.timeout
    print(string.format(
        '{"requests_per_second":%.1f,"mb_per_second":%.1f,"p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f,"failed":%d}',
        summary.requests / seconds, summary.bytes / seconds / 1e6, latency:percentile(50) / 1000,
        latency:percentile(95) / 1000, latency:percentile(99) / 1000, failed))
end
