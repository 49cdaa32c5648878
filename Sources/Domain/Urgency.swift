/// Whether somebody waits for a piece of work. Where decoders or the model are busy, the foreground goes first.
///
/// It travels with the task, and so with whatever the task calls; what sets nothing is in the foreground.
public enum Urgency: Sendable, Hashable {
    case foreground, background

    @TaskLocal public static var current = Urgency.foreground
}
