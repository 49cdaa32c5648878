import Domain
import Foundation

/// Fits the score of a match, 1 / (1 + exp(-(slope * cosine + intercept))), to pairs that match and pairs that don't: logistic
/// regression on the cosine alone (Platt 1999), by Newton's method.
public enum CalibrationFit {
    /// - Parameters:
    ///   - matching: cosines of pictures with their own captions.
    ///   - others: cosines of pictures with captions of others.
    ///   - rarity: the two kinds count as if one pair in so many matched.
    /// - Returns: nil when the matching pairs are not nearer than the others, so that no rising function fits.
    public static func fit(matching: [Float], others: [Float], rarity: Double) -> ScoreCalibration? {
        guard !matching.isEmpty, !others.isEmpty, rarity > 1 else { return nil }
        let weights = (matching: 1 / Double(matching.count), others: (rarity - 1) / Double(others.count))
        var (slope, intercept) = (15.0, -7.0)
        for _ in 0..<100 {
            var sums = Sums()
            for cosine in matching { sums.add(Double(cosine), 1, weights.matching, slope, intercept) }
            for cosine in others { sums.add(Double(cosine), 0, weights.others, slope, intercept) }
            // A little resistance keeps the step finite where the two kinds don't overlap at all.
            let resistance = 1e-6
            sums.slope += resistance * slope
            sums.slopeSlope += resistance
            let determinant = sums.slopeSlope * sums.bothBoth - sums.slopeBoth * sums.slopeBoth
            guard determinant.isFinite, determinant > 0 else { return nil }
            let step = (
                slope: (sums.bothBoth * sums.slope - sums.slopeBoth * sums.intercept) / determinant,
                intercept: (sums.slopeSlope * sums.intercept - sums.slopeBoth * sums.slope) / determinant
            )
            // Far from the goal a whole step may overshoot.
            let scale = min(1, 10 / max(abs(step.slope), abs(step.intercept), 1e-12))
            slope -= scale * step.slope
            intercept -= scale * step.intercept
            if abs(step.slope) < 1e-9, abs(step.intercept) < 1e-9 { break }
        }
        guard slope.isFinite, intercept.isFinite, slope > 1e-6, slope < 1e6 else { return nil }
        return ScoreCalibration(slope: slope, intercept: intercept)
    }

    /// The loss's first and second derivatives.
    private struct Sums {
        var slope = 0.0
        var intercept = 0.0
        var slopeSlope = 0.0
        var slopeBoth = 0.0
        var bothBoth = 0.0

        mutating func add(_ x: Double, _ label: Double, _ weight: Double, _ a: Double, _ b: Double) {
            let score = 1 / (1 + exp(-(a * x + b)))
            let error = weight * (score - label)
            let curvature = weight * score * (1 - score)
            slope += error * x
            intercept += error
            slopeSlope += curvature * x * x
            slopeBoth += curvature * x
            bothBoth += curvature
        }
    }
}
