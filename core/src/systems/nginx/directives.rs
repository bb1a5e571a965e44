//! Which directives take a duration, and which stand where they cannot.

/// Directives whose arguments are durations in milliseconds.
#[rustfmt::skip]
pub(super) const TIMED: &[&str] = &[
    "client_body_timeout", "client_header_timeout", "fastcgi_connect_timeout", "fastcgi_next_upstream_timeout",
    "fastcgi_read_timeout", "fastcgi_send_timeout", "grpc_connect_timeout", "grpc_next_upstream_timeout",
    "grpc_read_timeout", "grpc_send_timeout", "keepalive_time", "keepalive_timeout", "lingering_time",
    "lingering_timeout", "memcached_connect_timeout", "memcached_read_timeout", "memcached_send_timeout",
    "preread_timeout", "proxy_connect_timeout", "proxy_next_upstream_timeout", "proxy_protocol_timeout",
    "proxy_read_timeout", "proxy_send_timeout", "proxy_timeout", "resolver_timeout", "scgi_connect_timeout",
    "scgi_read_timeout", "scgi_send_timeout", "send_timeout", "ssl_handshake_timeout", "uwsgi_connect_timeout",
    "uwsgi_next_upstream_timeout", "uwsgi_read_timeout", "uwsgi_send_timeout", "worker_shutdown_timeout",
];

/// Directives that only `http` knows, with what `stream` has instead.
pub(super) const HTTP_ONLY: &[(&str, &str)] = &[
    ("add_header", ""),
    ("client_body_timeout", ""),
    ("client_max_body_size", ""),
    ("keepalive_timeout", ""),
    ("location", ""),
    ("proxy_buffering", ""),
    ("proxy_http_version", ""),
    ("proxy_read_timeout", "proxy_timeout"),
    ("proxy_redirect", ""),
    ("proxy_send_timeout", "proxy_timeout"),
    ("proxy_set_header", ""),
    ("send_timeout", "proxy_timeout"),
];

/// Directives that only `stream` knows, with what `http` has instead.
pub(super) const STREAM_ONLY: &[(&str, &str)] = &[
    ("preread_buffer_size", ""),
    ("preread_timeout", ""),
    ("proxy_download_rate", ""),
    ("proxy_protocol_timeout", ""),
    ("proxy_requests", ""),
    ("proxy_responses", ""),
    ("proxy_session_drop", ""),
    ("proxy_timeout", "proxy_read_timeout"),
    ("proxy_upload_rate", ""),
    ("ssl_preread", ""),
];

/// Directives that nginx refuses, since when, and what to write instead (nginx.org, CHANGES).
pub(super) const REMOVED: &[(&str, &str, &str)] = &[
    ("http2_idle_timeout", "1.19.7", "keepalive_timeout"),
    ("http2_max_field_size", "1.19.7", "large_client_header_buffers"),
    ("http2_max_header_size", "1.19.7", "large_client_header_buffers"),
    ("http2_max_requests", "1.19.7", "keepalive_requests"),
    ("http2_push", "1.25.1", ""),
    ("http2_push_preload", "1.25.1", ""),
    ("http2_recv_timeout", "1.19.7", "client_header_timeout"),
    ("ssl", "1.25.1", "listen … ssl"),
];
