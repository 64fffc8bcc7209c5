"""The files that streamctl and DuckDB read, and DuckDB's views of them."""

import datetime
import gzip
import json

from ..common.compare import MICROSECOND
from ..common.places import data_set


class Data:
    """A file, the flags that find its event time, and DuckDB's view of it.

    The view has the columns t (TIMESTAMPTZ) and n (position in the file), and those that the comparisons use.
    """

    def __init__(self, name, path, time, view):
        self.name = name
        self.path = path
        self.time = time
        self.view = view


def stretched(source, folder):
    """Makes two files: epoch microseconds around 1970, and RFC 3339 with changing offsets around 2024-02-29."""
    first = datetime.datetime(2018, 3, 24, 17, 25, 55, tzinfo=datetime.timezone.utc)
    centre = datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)
    with gzip.open(source, "rt") as lines, open(folder / "old.jsonl", "w") as old, \
            open(folder / "long.jsonl", "w") as long:
        for number, line in enumerate(lines):
            record = json.loads(line)
            moment = datetime.datetime.strptime(record["ts"], "%Y-%m-%dT%H:%M:%S.%fZ")
            away = (moment.replace(tzinfo=datetime.timezone.utc) - first) // MICROSECOND * 20_000
            values = f'"p":{record["id.resp_p"]},"x":{record["id.orig_p"] / 8!r}}}\n'
            old.write(f'{{"t":{away},{values}')
            hours = number % 25 - 12
            zone = datetime.timezone(datetime.timedelta(hours=hours, minutes=30 if hours > 0 else 0))
            long.write(f'{{"t":"{(centre + away * MICROSECOND).astimezone(zone).isoformat()}",{values}')
    view = """
        SELECT row_number() OVER () AS n, {time} AS t, p, x FROM read_json('{path}', format = 'newline_delimited',
            columns = {{t: '{kind}', p: 'BIGINT', x: 'DOUBLE'}})"""
    return (
        Data("around 1970", folder / "old.jsonl", ["-t", "t", "--time-format", "us"],
             view.format(time="make_timestamptz(t)", path=folder / "old.jsonl", kind="BIGINT")),
        Data("stretched", folder / "long.jsonl", ["-t", "t"],
             view.format(time="t::TIMESTAMPTZ", path=folder / "long.jsonl", kind="VARCHAR")))


def unpacked(name, folder):
    packed = data_set(name)
    path = folder / packed.stem
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    return path


def zeek(name, path, columns):
    types = ", ".join(f"'{column}': '{kind}'" for column, (_, kind) in columns.items())
    chosen = ", ".join(f'"{column}" AS {alias}' for column, (alias, _) in columns.items())
    return Data(name, path, ["-t", "ts"], f"""
        SELECT row_number() OVER () AS n, ts::TIMESTAMPTZ AS t, {chosen}
        FROM read_json('{path}', format = 'newline_delimited', columns = {{'ts': 'VARCHAR', {types}}})""")


NGINX = {
    "active": "$.connections.active", "idle": "$.connections.idle", "accepted": "$.connections.accepted",
    "current": "$.requests.current", "total": "$.requests.total",
    "trac": '$.upstreams."trac-backend".peers[0].requests',
    "trac_active": '$.upstreams."trac-backend".peers[0].active',
    "missing": '$.upstreams."trac-backend".peers[9].requests',
    "hg_received": '$.upstreams."hg-backend".peers[0].received', "hg_sent": '$.server_zones."hg.nginx.org".sent',
    "pg_sent": "$.stream.upstreams.postgresql_backends.peers[2].sent", "hit_bytes": "$.caches.http_cache.hit.bytes",
}
NGINX_TEXT = {
    "state": '$.upstreams."trac-backend".peers[1].state', "lxr_state": '$.upstreams."lxr-backend".peers[1].state',
    "address": "$.address",
}


def nginx_data(path):
    numbers = ", ".join(f"json_extract(json, '{at}')::BIGINT AS {name}" for name, at in NGINX.items())
    texts = ", ".join(f"json_extract_string(json, '{at}') AS {name}" for name, at in NGINX_TEXT.items())
    return Data("nginxplus", path, ["-t", "timestamp"], f"""
        SELECT row_number() OVER () AS n, make_timestamptz(json_extract(json, '$.timestamp')::BIGINT * 1000) AS t,
               {numbers}, {texts} FROM read_ndjson_objects('{path}')""")


def public(folder):
    """zeek_ssl, zeek_weird and nginxplus, unpacked into the folder."""
    ids = {"uid": ("uid", "VARCHAR"), "id.orig_h": ("orig_h", "VARCHAR"), "id.orig_p": ("orig_p", "BIGINT"),
           "id.resp_h": ("resp_h", "VARCHAR"), "id.resp_p": ("resp_p", "BIGINT")}
    ssl = zeek("zeek_ssl", unpacked("zeek_ssl.jsonl.gz", folder), ids | {
        "version": ("version", "VARCHAR"), "cipher": ("cipher", "VARCHAR"), "curve": ("curve", "VARCHAR"),
        "server_name": ("server_name", "VARCHAR"), "established": ("established", "BOOLEAN"),
        "resumed": ("resumed", "BOOLEAN")})
    weird = zeek("zeek_weird", unpacked("zeek_weird.jsonl.gz", folder), ids | {
        "name": ("name", "VARCHAR"), "source": ("source", "VARCHAR"), "addl": ("addl", "VARCHAR"),
        "notice": ("notice", "BOOLEAN")})
    nginx = nginx_data(unpacked("nginxplus.jsonl.gz", folder))
    return ssl, weird, nginx
