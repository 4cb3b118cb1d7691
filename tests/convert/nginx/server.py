"""A real nginx to ask, with a site behind it that knows nothing of CORS."""

import http.client
import shutil
import subprocess
from contextlib import contextmanager
from typing import Any

from tests.convert.verdicts import HOST
from tests.databases import folder_for, free_port, wait_until

CONFIGURATION = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen unix:{folder}/site.sock;
        if ($request_method = OPTIONS) {{ return 405; }}
        location / {{ return 200 "ok"; }}
    }}
{http}
{servers}
}}
"""
SERVER = """\
    server {{
        listen 127.0.0.1:{port};
        server_name {host};
{server}
    }}
"""


@contextmanager
def serve(http, *servers):
    """Yield how to ask each of these servers; `http` goes into the block around them.

    http://site; in them is the site behind nginx, which answers 200, and 405 to OPTIONS.
    """
    with folder_for("nginx") as folder:
        ports: set[int] = set()
        while len(ports) < len(servers):
            # The same one may come twice.
            ports.add(free_port())
        file = folder / "nginx.conf"
        file.write_text(
            CONFIGURATION.format(
                folder=folder,
                http=http,
                servers="".join(
                    SERVER.format(port=port, host=HOST, server=server)
                    for port, server in zip(ports, servers, strict=True)
                ).replace("http://site;", f"http://unix:{folder}/site.sock:;"),
            )
        )
        program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        assert program, "nginx is not installed: scripts/install-system-packages"
        process = subprocess.Popen([program, "-c", str(file), "-p", str(folder), "-e", "stderr"])
        asks = [_asks(folder, port) for port in ports]

        def is_ready():
            try:
                return asks[0]("GET", "/", {})
            except OSError:
                assert process.poll() is None, "nginx ended: its configuration is wrong"
                return False

        try:
            wait_until(is_ready, what="nginx answers")
            yield asks
        finally:
            process.terminate()
            process.wait(30)


def _asks(folder, port):
    def ask(method, path, headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, path, headers={"Host": HOST, **headers})
        answer = connection.getresponse()
        answer.read()
        assert answer.status < 500, (folder / "error.log").read_text()
        connection.close()
        found: dict[str, Any] = {":status": answer.status}
        for name, value in answer.getheaders():
            # Several of one name are one list.
            found[name.lower()] = ", ".join(filter(None, [found.get(name.lower()), value]))
        return found

    return ask
