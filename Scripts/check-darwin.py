#!/usr/bin/env python3
"""Type-checks, on Linux, what is only compiled on macOS and iOS: the `#if canImport(Darwin)` parts of Sources.

The modules of the last debug build (`swift build`) are checked again with a module `Darwin` beside them that re-exports
Glibc and declares, with the types of Apple's headers, what only Apple has and we use. Where a name is in both systems
with another type, the declaration here is the one that counts. Everything happens in a temporary folder.

    Scripts/check-darwin.py            # says nothing but what was checked; exit status 1 for an error
    Scripts/check-darwin.py --list     # what this cannot find out, too

What is checked: that these parts parse, that their names exist, that types, optionals and `try` agree, under the
settings of Package.swift, warnings being errors.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent

# What Apple's headers declare, as Swift imports it (Apple's manual pages and the headers of macOS 15).
DARWIN = """
@_exported import Glibc

// <sys/sysctl.h>
public func sysctlbyname(
    _ name: UnsafePointer<CChar>!, _ old: UnsafeMutableRawPointer!, _ oldSize: UnsafeMutablePointer<Int>!,
    _ new: UnsafeMutableRawPointer!, _ newSize: Int
) -> Int32 { fatalError() }
public struct xsw_usage {
    public var xsu_total: UInt64 = 0, xsu_avail: UInt64 = 0, xsu_used: UInt64 = 0
    public var xsu_pagesize: UInt32 = 0, xsu_encrypted: UInt32 = 0
    public init() {}
}

// <mach/mach.h>
public typealias integer_t = Int32
public typealias natural_t = UInt32
public typealias kern_return_t = Int32
public typealias mach_port_t = UInt32
public typealias host_t = mach_port_t
public typealias host_flavor_t = integer_t
public typealias host_info64_t = UnsafeMutablePointer<integer_t>
public typealias mach_msg_type_number_t = natural_t
public struct vm_statistics64 {
    public var free_count: natural_t = 0, active_count: natural_t = 0, inactive_count: natural_t = 0
    public var wire_count: natural_t = 0, compressor_page_count: natural_t = 0
    public init() {}
}
public typealias vm_statistics64_data_t = vm_statistics64
public var HOST_VM_INFO64: Int32 { 4 }
public var KERN_SUCCESS: Int32 { 0 }
public func mach_host_self() -> mach_port_t { 0 }
public func host_statistics64(
    _ host: host_t, _ flavor: host_flavor_t, _ info: host_info64_t!, _ count: UnsafeMutablePointer<mach_msg_type_number_t>!
) -> kern_return_t { 0 }

// <sys/clonefile.h>, <fcntl.h>
public var CLONE_NOFOLLOW: Int32 { 1 }
public func clonefile(_ from: UnsafePointer<CChar>!, _ to: UnsafePointer<CChar>!, _ flags: UInt32) -> Int32 { -1 }
public var F_FULLFSYNC: Int32 { 51 }

// <sys/stat.h>
extension stat { public var st_mtimespec: timespec { st_mtim } }

// <sys/socket.h>: numbers there, an enumeration in Glibc
public var SOCK_STREAM: Int32 { 1 }
public var SOCK_DGRAM: Int32 { 2 }

// <pthread.h>: a pointer there, a number in Glibc
public typealias pthread_t = OpaquePointer
public func pthread_create(
    _ thread: UnsafeMutablePointer<pthread_t?>!, _ attributes: UnsafePointer<pthread_attr_t>?,
    _ start: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?, _ context: UnsafeMutableRawPointer?
) -> Int32 { 0 }
@discardableResult public func pthread_detach(_ thread: pthread_t) -> Int32 { 0 }
@discardableResult public func pthread_join(_ thread: pthread_t, _ value: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Int32 { 0 }
@discardableResult public func pthread_setname_np(_ name: UnsafePointer<CChar>) -> Int32 { 0 }

// <spawn.h>: a pointer there, a structure in Glibc
public typealias posix_spawn_file_actions_t = UnsafeMutableRawPointer
public typealias FileActions = UnsafeMutablePointer<posix_spawn_file_actions_t?>
@discardableResult public func posix_spawn_file_actions_init(_ actions: FileActions!) -> Int32 { 0 }
@discardableResult public func posix_spawn_file_actions_destroy(_ actions: FileActions!) -> Int32 { 0 }
@discardableResult public func posix_spawn_file_actions_adddup2(_ actions: FileActions!, _ from: Int32, _ to: Int32) -> Int32 { 0 }
@discardableResult public func posix_spawn_file_actions_addclose(_ actions: FileActions!, _ file: Int32) -> Int32 { 0 }
@discardableResult public func posix_spawn_file_actions_addopen(
    _ actions: FileActions!, _ file: Int32, _ path: UnsafePointer<CChar>!, _ flags: Int32, _ mode: mode_t
) -> Int32 { 0 }
@discardableResult public func posix_spawn(
    _ process: UnsafeMutablePointer<pid_t>!, _ path: UnsafePointer<CChar>!, _ actions: UnsafePointer<posix_spawn_file_actions_t?>!,
    _ attributes: UnsafePointer<OpaquePointer?>!, _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>!,
    _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>!
) -> Int32 { 0 }

// <libproc.h>, <os/proc.h>
public func os_proc_available_memory() -> Int { 0 }
"""

METAL = """
public protocol MTLDevice { var recommendedMaxWorkingSetSize: UInt64 { get } }
public func MTLCreateSystemDefaultDevice() -> (any MTLDevice)? { nil }
"""

LIMITS = """What this cannot find out:
- whether Apple's headers still have these declarations: they are copied by hand, and what is not named in this script is
  taken to be as in Glibc (widths of st_dev, f_bavail, mode_t; `termios`; `winsize`; `statvfs`)
- the C of CDisk, CHost and CCurl under __APPLE__, and which frameworks and libraries are linked
- what `@available` and the deployment target (macOS 15) demand
- swift-system, swift-crypto, SwiftNIO on macOS: those are their own projects' matter
- Tests and Benchmarks, and anything at run time: locks, F_FULLFSYNC, clonefile, sysctl names, Metal, open(1)"""


def commands():
    """The compiler's arguments for each Swift module of Sources, from the build's own plan."""
    plan = TOP / ".build/debug.yaml"
    if not plan.is_file():
        sys.exit("no debug build here: `swift build` first")
    found = {}
    for line in plan.read_text().splitlines():
        # A program is linked with the same name, and does not compile then.
        if not line.startswith("    args: [") or '"-module-name"' not in line or '"-c"' not in line:
            continue
        arguments = json.loads(line.removeprefix("    args: "))
        module = arguments[arguments.index("-module-name") + 1]
        if (TOP / "Sources" / module).is_dir():
            found[module] = arguments
    return found


# What both systems have, each with a type of its own: Foundation brings Glibc's here.
OTHERWISE = ["posix_spawn_file_actions_t", "pthread_t", "SOCK_DGRAM", "SOCK_STREAM"]

# An option and the value that it has here, which a check has no use for.
WITH_VALUE = {"-emit-module-path", "-output-file-map", "-index-store-path", "-emit-objc-header-path", "-target"}
ALONE = {
    "-emit-dependencies", "-emit-module", "-incremental", "-c", "-enable-batch-mode", "-serialize-diagnostics",
    "-parseable-output", "-emit-objc-header",
}


def check(module, arguments, folder, platform):
    """Compiler messages of one module as the platform has it; nil when it is well."""
    kept, skip = [], False
    for position, argument in enumerate(arguments[1:], 1):
        if skip:
            skip = False
        elif argument in WITH_VALUE:
            skip = True
        elif argument == "-module-cache-path":
            kept += [argument, str(folder / "cache")]
            skip = True
        elif argument not in ALONE and not argument.startswith("@") and not re.fullmatch(r"-j\d+", argument):
            kept.append(argument)
    other = {"macOS": "iOS", "iOS": "macOS"}[platform]
    sources = []
    for source in sorted((TOP / "Sources" / module).rglob("*.swift")):
        text = source.read_text()
        # This compiler is one for Linux, whatever it is asked to check.
        text = re.sub(rf"\bos\({platform}\)", "canImport(Darwin)", text)
        text = re.sub(rf"\bos\((Linux|{other})\)", "canImport(NothingOfThisName)", text)
        # There Foundation brings Darwin along.
        if "import Darwin" not in text:
            text = re.sub(r"(?m)^((?:\w+ )?import Foundation(?:Essentials)?)$", r"\1; internal import Darwin", text, count=1)
        if "canImport(Darwin)" in text:
            text = re.sub(rf"\b(?<!\.)({'|'.join(OTHERWISE)})\b", r"Darwin.\1", text)
        if text != source.read_text():
            copy = folder / platform / source.relative_to(TOP)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text)
            source = copy
        sources.append(str(source))
    run = subprocess.run(
        [arguments[0], "-typecheck", "-I", str(folder / "stubs"), *kept, *sources],
        capture_output=True, text=True, cwd=TOP)
    return run.stderr if run.returncode else None


def main():
    if "--list" in sys.argv:
        print(LIMITS)
    plans = commands()
    failed = False
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "stubs").mkdir()
        for name, text in [("Darwin", DARWIN), ("Metal", METAL), ("os", "@_exported import Darwin\n")]:
            (folder / f"{name}.swift").write_text(text)
            compiler = next(iter(plans.values()))[0]
            subprocess.run(
                [compiler, "-emit-module", "-parse-as-library", "-module-name", name, "-swift-version", "6",
                 "-I", str(folder / "stubs"), "-suppress-warnings", "-o", str(folder / f"stubs/{name}.swiftmodule"),
                 str(folder / f"{name}.swift")],
                check=True, cwd=folder)
        for module in sorted(plans):
            texts = [path.read_text() for path in (TOP / "Sources" / module).rglob("*.swift")]
            platforms = ["macOS"] if any(re.search(r"canImport\(Darwin\)|os\((macOS|Linux)\)", text) for text in texts) else []
            platforms += ["iOS"] if any("os(iOS)" in text for text in texts) else []
            for platform in platforms:
                messages = check(module, plans[module], folder, platform)
                print(f"{module} for {platform}: {'well' if messages is None else 'errors'}", flush=True)
                if messages is not None:
                    failed = True
                    print(messages, file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
