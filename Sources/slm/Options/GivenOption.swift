import HostHardware

/// The value of an option that has been given, wherever it stands, before arguments are parsed; nil when it was not.
func givenValue(of option: String) -> String? {
    let arguments = Array(ThisProcess.arguments.dropFirst().prefix { $0 != "--" })
    for (index, argument) in arguments.enumerated().reversed() {
        if argument == option, index + 1 < arguments.count { return arguments[index + 1] }
        if argument.hasPrefix(option + "=") { return String(argument.dropFirst(option.count + 1)) }
    }
    return nil
}
