@_exported public import CurlHTTP
// A program that imports Modelteca has the nouns of all its modules.
@_exported public import Disk
@_exported public import GGUF
@_exported public import HostHardware
@_exported public import LlamaMemory
@_exported public import ModelCatalog
@_exported public import ModelDownload
@_exported public import ModelFit
@_exported public import ModelHub
@_exported public import ModelStore
@_exported public import Threads
