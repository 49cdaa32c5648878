/// Cuts a piece of text into a vocabulary's tokens.
protocol SubwordModel: Sendable {
    func id(_ token: String) -> Int32?
    /// Appends the piece's ids.
    func append(_ piece: ArraySlice<Unicode.Scalar>, to ids: inout [Int32])
}
