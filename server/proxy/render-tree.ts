/** The whole tree as text; pure. Files carry a digest of their content in their name, so an unchanged file is never written again. */
import { digest, fileStem } from './file-stem.ts'
import { LAYOUT, type ProxyPorts } from './layout.ts'
import { PAGE_LANGUAGES } from './pages.ts'

export interface TreeFile {
  /** Relative to `data/proxy`. */
  path: string
  text: string
}

export interface HostFile extends TreeFile {
  host: string
  /** Files that its text names. */
  needs: TreeFile[]
}

export const hostFile = (host: string, text: string, needs: TreeFile[] = []): HostFile => ({
  host,
  text,
  needs,
  path: `hosts/${fileStem(host)}.${digest(text)}.conf`,
})

/** Folder of the pages, named after all of them together. */
export function pageFiles(pages: Record<string, string>): { dir: string; files: TreeFile[] } {
  const dir = `pages/${digest(JSON.stringify(pages))}`
  return { dir, files: Object.entries(pages).map(([name, text]) => ({ path: `${dir}/${name}`, text })) }
}

export interface MainInput {
  ports: ProxyPorts
  /** Listens on the HTTPS port at all: some vhost has a certificate. */
  secure: boolean
  /** Listens there for QUIC as well: some vhost asks for HTTP/3, and this nginx speaks it. */
  http3: boolean
  /** Proxies in front, which say where a request comes from and by which scheme it came. */
  trusted: readonly string[]
  /** What the marker answers. */
  generation: string
  /** Relative paths of the host files. */
  includes: readonly string[]
}

/** nginx.conf of one generation. */
export function renderMain({ ports, secure, http3, trusted, generation, includes }: MainInput): string {
  return `user nginx;
worker_processes auto;
worker_rlimit_nofile 16384;
# requests in flight (uploads, websockets) may end on the old workers after a reload
worker_shutdown_timeout 5m;
error_log stderr error;
pid /run/nginx.pid;
include /etc/nginx/modules-enabled/*brotli*.conf;

events {
  worker_connections 4096;
}

http {
  server_tokens off;
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 65s;
  client_header_timeout 30s;
  client_body_timeout 60s;
  send_timeout 60s;
  reset_timedout_connection on;
  large_client_header_buffers 8 32k;

  # one bucket holds the longest legal host (253 characters)
  server_names_hash_bucket_size 512;
  server_names_hash_max_size 65536;
  variables_hash_max_size 4096;
  variables_hash_bucket_size 512;

  # Mozilla "intermediate"
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
  ssl_ecdh_curve X25519:prime256v1:secp384r1;
  ssl_prefer_server_ciphers off;
  ssl_session_timeout 1d;
  ssl_session_cache shared:summoner:10m;
  ssl_session_tickets off;

  proxy_connect_timeout 5s;
  # sign-in servers send large headers
  proxy_buffer_size 32k;
  proxy_buffers 8 32k;
  proxy_busy_buffers_size 64k;
  # a slow client of a large download slows the application down instead of filling the disk
  proxy_max_temp_file_size 0;
  proxy_next_upstream error timeout;
  proxy_redirect off;

  gzip on;
  gzip_comp_level 5;
  gzip_min_length 1024;
  gzip_proxied any;
  gzip_vary on;
  # no images, archives or video (compressed already), no event streams (they would wait in a buffer)
  gzip_types text/plain text/css text/csv text/javascript text/xml application/javascript application/json application/ld+json application/manifest+json application/rss+xml application/atom+xml application/xml application/xhtml+xml application/wasm image/svg+xml font/ttf font/otf;
  # what else the image brings: Brotli in the distribution build, nothing in the official one
  include /etc/nginx/compression/on*.conf;

  # only websockets are upgraded: h2c would let a client speak past the rules of this file
  map $http_upgrade $summoner_upgrade {
    default "";
    "~*^websocket$" websocket;
  }
  map $summoner_upgrade $summoner_connection {
    default upgrade;
    "" "";
  }
  # French where it is asked for before English
  map $http_accept_language $summoner_language {
    default ${PAGE_LANGUAGES[0]};
    "~*^(?:(?!\\s*en)[^,]*,)*\\s*fr" fr;
  }
  # the application's own header wins
  map $upstream_http_x_content_type_options $summoner_nosniff {
    default "";
    "" nosniff;
  }
  map $upstream_http_referrer_policy $summoner_referrer {
    default "";
    "" strict-origin-when-cross-origin;
  }
  map $upstream_http_strict_transport_security $summoner_hsts {
    default "";
    "" "max-age=63072000";
  }
  # tokens travel in query strings and behind /hooks/: neither is logged
  map $request_uri $summoner_path {
    default "-";
    "~^/hooks/" "/hooks/…";
    "~^(?<summoner_head>[^?]*)" $summoner_head;
  }
  geo $summoner_loopback {
    default 0;
    127.0.0.0/8 1;
    ::1/128 1;
  }

${trusted.length > 0 ? fronts(trusted) : ''}  log_format summoner escape=json '{"time":"$time_iso8601","host":"$host","client":"$remote_addr","method":"$request_method","path":"$summoner_path","protocol":"$server_protocol","status":$status,"sent":$bytes_sent,"received":$request_length,"seconds":$request_time,"upstream":"$upstream_addr","upstream_seconds":"$upstream_response_time","request":"$request_id","agent":"$http_user_agent"}';
  access_log off;

  # hosts that nobody owns: no answer, no certificate
  server {
${listen(ports.http, ports, ' default_server backlog=4096')}    server_name _;
    location = ${LAYOUT.marker} {
      if ($summoner_loopback = 0) {
        return 444;
      }
      default_type text/plain;
      return 200 "${generation}";
    }
    # a certificate may name more than what is served here
    location ^~ /.well-known/acme-challenge/ {
      alias ${LAYOUT.tree}/acme/;
      default_type text/plain;
    }
    location / {
      return 444;
    }
  }
${secure ? refusing(ports, http3) : ''}
${includes.map((path) => `  include ${LAYOUT.tree}/${path};`).join('\n')}
}
`
}

/** What a proxy in front says is believed of these addresses only; all rules then see the visitor's own. */
const fronts = (
  trusted: readonly string[],
): string => `${trusted.map((range) => `  set_real_ip_from ${range};\n`).join('')}  real_ip_header X-Forwarded-For;
  real_ip_recursive on;
  geo $realip_remote_addr $summoner_front {
    default 0;
${trusted.map((range) => `    ${range} 1;\n`).join('')}  }
  map "$summoner_front $http_x_forwarded_proto" $summoner_proto {
    default $scheme;
    "1 http" http;
    "1 https" https;
  }
  map "$summoner_front $http_x_forwarded_proto" $summoner_port {
    default $server_port;
    "1 http" 80;
    "1 https" 443;
  }
  map $summoner_proto $summoner_https {
    default "";
    https on;
  }
  # plain HTTP is sent to HTTPS: 301 is what everybody understands, but after it a POST would come as GET
  map "$summoner_proto $request_method" $summoner_away {
    default 308;
    "~^https " "";
    "~^http (GET|HEAD)$" 301;
  }

`

const refusing = (ports: ProxyPorts, http3: boolean): string => `  server {
${listen(ports.https, ports, ' ssl default_server backlog=4096')}${http3 ? listen(ports.https, ports, ' quic reuseport default_server') : ''}    http2 on;
    server_name _;
    ssl_reject_handshake on;
    # a connection opened for a known host may still ask for an unknown one
    return 421;
  }
`

const listen = (port: number, { ipv6 }: ProxyPorts, flags: string): string =>
  `    listen ${port}${flags};\n${ipv6 ? `    listen [::]:${port}${flags};\n` : ''}`

/** What tells two trees apart: everything but the generation's own name. */
export const treeHash = (input: Omit<MainInput, 'generation'>): string =>
  digest(renderMain({ ...input, generation: '' }))
