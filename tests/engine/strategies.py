"""Texts for the engine's laws: well-formed ones, near misses and anything at all."""

from hypothesis import strategies as st

HOSTILE = "\0\t\n\r\x0b\x1f \x7f\x85\xa0\xad!\"#$%&'()*+,-./:;<=>?@AZ[\\]^_`{|}~09azß\u0130\u212a\u3002\uff12\u0663\u200c\u2028"

labels = st.text("abcxyz019-_", min_size=1, max_size=6)
names = st.lists(labels, min_size=1, max_size=4).map(".".join)
ipv4 = st.ip_addresses(v=4).map(str)
ipv6 = st.ip_addresses(v=6).map(lambda address: f"[{address}]")
odd_hosts = st.sampled_from([
    "[::ffff:7f00:1]", "[::7f00:1]", "[1::2:0:0:3]", "[0:0:1::]", "127.1", "0x7f.1", "0177.0.0.1",
    "1.2.3.256", "a.0x", "a.0xg", "localhost", "a.localhost", "xn--bcher-kva.example", "xn--a.b",
    "bücher.example", "straße.example", "APP.example", "app.example.", "a..b", ".a", "", "-", "a.09",
])  # fmt: skip
hosts = st.one_of(names, names, ipv4, ipv6, odd_hosts)
schemes = st.sampled_from(["https", "http", "http", "capacitor", "ws", "ftp", "x+y.z-1", "HTTP"])
ports = st.one_of(
    st.just(""),
    st.integers(1, 65535).map(lambda port: f":{port}"),
    st.sampled_from([":80", ":443", ":0", ":65536", ":", ":08", ":*", ":8*", ":2_0", ":٣"]),
)
serialised = st.builds("{}://{}{}".format, schemes, hosts, ports)
wildcards = st.builds("{}://*.{}{}".format, schemes, hosts, ports)


@st.composite
def near_misses(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """Return a text with one character replaced, put in or taken out."""
    text: str = draw(texts)
    place: int = draw(st.integers(0, len(text)))
    put: str = draw(st.sampled_from(["", *HOSTILE]))
    kept: int = draw(st.integers(0, 1))
    return text[:place] + put + text[place + kept :]


origin_texts = st.one_of(serialised, near_misses(serialised), st.text(HOSTILE), st.text())
pattern_texts = st.one_of(serialised, wildcards, near_misses(wildcards), origin_texts)
host_texts = st.one_of(hosts, near_misses(hosts), ports.map("a.example{}".format), st.text())

segments = st.sampled_from(["a", "b", "c", "*", ".a", "%41"])
patterns_of_paths = st.builds(
    lambda parts, end: "/" + "/".join(parts) + end,
    st.lists(segments, max_size=4),
    st.sampled_from(["", "/", "/{$}"]),
)
path_segments = st.sampled_from(["a", "b", "c", "d", "*", "", ".a", "..", ".", "é"])
paths = st.lists(path_segments, max_size=6).map(lambda parts: "/" + "/".join(parts))
path_texts = st.one_of(
    patterns_of_paths, paths, near_misses(paths), near_misses(patterns_of_paths), st.text()
)
rows_of_paths = st.dictionaries(patterns_of_paths, st.integers(), max_size=8)

names_requested = st.text("aZ0-_~*", max_size=4)
requested_headers = st.one_of(
    st.lists(st.builds("{}{}{}".format, st.sampled_from(["", " ", "\t "]), names_requested,
                       st.sampled_from(["", " ", "\t", "\v", ":"])), max_size=90).map(",".join),
    near_misses(st.lists(names_requested, max_size=6).map(",".join)),
    st.text(),
)  # fmt: skip
