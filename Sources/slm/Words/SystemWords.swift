import SystemPackage

extension Errno {
    /// Why the system refuses, in the language of this run. What it says itself is English, and for programmers.
    var words: String {
        switch self {
        case .permissionDenied: say(en: "there is no permission", es: "no hay permiso")
        case .notPermitted: say(en: "the system does not allow it", es: "el sistema no lo permite")
        case .noSuchFileOrDirectory:
            say(en: "there is no such file or folder", es: "no existe ese archivo o carpeta")
        case .fileExists: say(en: "something is there already", es: "ya hay algo ahí")
        case .notDirectory:
            say(en: "a part of the path is not a folder", es: "una parte de la ruta no es una carpeta")
        case .isDirectory: say(en: "it is a folder", es: "es una carpeta")
        case .directoryNotEmpty: say(en: "the folder is not empty", es: "la carpeta no está vacía")
        case .noSpace: say(en: "the disk is full", es: "el disco está lleno")
        case .diskQuotaExceeded: say(en: "your quota is used up", es: "se agotó su cuota")
        case .readOnlyFileSystem: say(en: "the disk can only be read", es: "el disco es de solo lectura")
        case .ioError: say(en: "the disk fails to read or write", es: "el disco no logra leer o escribir")
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
            say(en: "too many files are open", es: "hay demasiados archivos abiertos")
        case .fileNameTooLong: say(en: "the name is too long", es: "el nombre es demasiado largo")
        case .tooManySymbolicLinkLevels:
            say(en: "its links lead in a circle", es: "sus enlaces van en círculo")
        case .improperLink: say(en: "it is on another disk", es: "está en otro disco")
        case .fileTooLarge:
            say(en: "the file would be larger than allowed", es: "el archivo superaría el tamaño permitido")
        case .resourceBusy: say(en: "it is in use", es: "está en uso")
        case .noMemory: say(en: "there is not enough memory", es: "no hay memoria suficiente")
        case .noSuchAddressOrDevice, .operationNotSupportedByDevice:
            say(en: "the disk is not there any more", es: "el disco ya no está")
        case .staleNFSFileHandle:
            say(en: "the network's disk has lost it", es: "el disco de la red lo ha perdido")
        case .notSupported: say(en: "this disk cannot do that", es: "este disco no admite eso")
        case .invalidArgument: say(en: "the system refuses it", es: "el sistema lo rechaza")
        default: description
        }
    }
}
