extension Nginx {
    /// What nginx does beside giving files.
    public struct Site: Sendable {
        /// Where paths point with 302; `{http2}`, `{other}`, `{plain}` and so on stand for the number of a port.
        public var redirects: [String: String]
        /// Ports that hand every request on to another server: its address, without TLS.
        public var origins: [Port: String]
        /// Addresses in `Location` that are replaced by others, with the same marks for ports.
        public var renamed: [String: String]

        /// By default nothing.
        public init(redirects: [String: String] = [:], origins: [Port: String] = [:], renamed: [String: String] = [:]) {
            self.redirects = redirects
            self.origins = origins
            self.renamed = renamed
        }

        /// One process that stays in the foreground, so that ending it ends all; every path is in its folder.
        func configuration(_ ports: [Port: UInt16]) -> String {
            let servers = Port.allCases.map { server($0, ports) }
            return """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log stderr notice;
                events { worker_connections 2048; }
                http {
                    log_format record escape=json '{"port":$server_port,"version":"$server_protocol","status":$status,'
                        '"path":"$request_uri","authorization":"$http_authorization","userAgent":"$http_user_agent",'
                        '"range":"$http_range","connection":$connection,"ordinal":$connection_requests,'
                        '"sent":$body_bytes_sent}';
                    access_log access.log record;
                    client_body_temp_path temporary;
                    proxy_temp_path temporary;
                    fastcgi_temp_path temporary;
                    uwsgi_temp_path temporary;
                    scgi_temp_path temporary;
                    default_type application/octet-stream;
                    limit_conn_zone $server_port zone=port:1m;
                    root root;
                    \(servers.joined(separator: "\n    "))
                }
                """
        }

        private func server(_ port: Port, _ ports: [Port: UInt16]) -> String {
            func filled(_ text: String) -> String {
                ports.reduce(text) { $0.replacing("{\($1.key.rawValue)}", with: String($1.value)) }
            }
            let (options, certificate) =
                switch port {
                case .http2, .other: (" ssl http2", "good")
                case .http1: (" ssl", "good")
                case .expired: (" ssl http2", "expired")
                case .otherHost: (" ssl http2", "elsewhere")
                case .plain: ("", "")
                }
            var lines = ["listen 127.0.0.1:\(ports[port] ?? 0)\(options);"]
            if !certificate.isEmpty {
                lines += ["ssl_certificate \(certificate).pem;", "ssl_certificate_key server.key;"]
            }
            if port == .other { lines.append("keepalive_requests 2;") }
            if let origin = origins[port] {
                let renaming = renamed.map { "proxy_redirect \($0) \(filled($1));" }.joined(separator: " ")
                lines.append(
                    "location / { proxy_pass \(origin); proxy_http_version 1.1; proxy_set_header Host $http_host; \(renaming) }"
                )
            } else {
                lines.append("location /two/ { alias root/; limit_conn port 2; }")
                lines.append("location /slow/ { alias root/; limit_rate 500k; }")
                lines += redirects.map { "location = \($0) { return 302 \(filled($1)); }" }
            }
            return "server { \(lines.joined(separator: " ")) }"
        }
    }
}
