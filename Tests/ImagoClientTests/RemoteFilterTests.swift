import Domain
@testable import ImagoClient
import Testing

@Suite struct RemoteFilterTests {
    @Test(arguments: [
        "", "camera_id=7", "meta.camera_id", "meta.=1", "meta.n[near]=1", "ids=x", "indexing_status=9",
        "content_type=text/html", "uploaded_after=yesterday", "limit=1", "ids[eq]=x",
    ])
    func whatIsNoFilterIsRefused(text: String) {
        #expect(throws: InvalidInput.self) { try RemoteFilter(parsing: [text]) }
    }

    @Test func aConditionGivenTwiceIsRefusedForOneWouldBeLost() {
        #expect(throws: InvalidInput.self) { try RemoteFilter(parsing: ["meta.a=1", "meta.a=2"]) }
        #expect(throws: InvalidInput.self) { try RemoteFilter(parsing: ["meta.a=1", "meta.a[eq]=2"]) }
    }

    /// A search's JSON must pick the same images as a list's query string.
    @Test(arguments: [
        ["meta.a=7"], ["meta.a=true"], ["meta.a=null"], ["meta.a=x=y"], ["meta.a[ne]=7"], ["meta.a[in]=1, x,true"],
        ["meta.a[gt]=2", "meta.a[lte]=9"], ["meta.a[gte]=x"], ["meta.a[lt]=true"], ["meta.a[exists]=false"],
        ["meta.a[exists]=1"], ["meta.a[prefix]=7"], ["meta.a.b=1", "meta.c[ne]=x"], ["meta.a=7", "meta.a[ne]=8"],
        ["ids=550e8400-e29b-41d4-a716-446655440000"], ["indexing_status=2,3"], ["content_type=image/png,image/gif"],
        ["uploaded_after=5", "uploaded_before=2026-01-01T00:00:00Z"],
    ])
    func bothSpellingsMeanTheSame(texts: [String]) throws {
        let filter = try RemoteFilter(parsing: texts)
        let listed = try ImageFilter.parse(query: filter.query.map { ($0.name, $0.value) })
        let searched = try ImageFilter.parse(json: .object(filter.json), at: "filters")
        #expect(Set(listed.conditions.map(Unordered.init)) == Set(searched.conditions.map(Unordered.init)))
    }

    /// A condition whose alternatives have no order.
    private struct Unordered: Hashable {
        let name: String
        let values: Set<JSONValue>

        init(_ condition: ImageFilter.Condition) {
            if case .metadata(let field, .oneOf(let values)) = condition {
                name = "\(field) in"
                self.values = Set(values)
            } else {
                name = "\(condition)"
                values = []
            }
        }
    }
}
