import Disk
import Testing

@Suite struct DiskSpaceTests {
    @Test func `free space is asked of the nearest folder that exists`() throws {
        let here = try #require(DiskSpace.free(at: "/"))
        #expect(here > 0)
        #expect(try #require(DiskSpace.total(at: "/")) >= here)
        #expect(DiskSpace.total(at: "/not/there/yet") == DiskSpace.total(at: "/"))
        #expect(DiskSpace.total(at: "not-there-yet/deeper/") == DiskSpace.total(at: "."))
        #expect(DiskSpace.total(at: "") == DiskSpace.total(at: "."))
        #expect(DiskSpace.free(at: "/etc/passwd/below/a/file") != nil)
    }
}
