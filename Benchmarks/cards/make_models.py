"""`make_models.py FOLDER HEADER…`: sparse GGUF files with weights of zero, from headers without tokenizers."""
import gzip, os, struct, sys
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
TYPE = {0:(1,4),1:(1,2),2:(32,18),3:(32,20),6:(32,22),7:(32,24),8:(32,34),9:(32,36),10:(256,84),11:(256,110),12:(256,144),13:(256,176),14:(256,210),15:(256,292),16:(256,66),17:(256,74),18:(256,98),19:(256,50),20:(32,18),21:(256,110),22:(256,82),23:(256,136),24:(1,1),25:(1,2),26:(1,4),27:(1,8),28:(1,8),29:(256,56),30:(1,2),39:(32,17)}
def text(d, at):
    (n,) = struct.unpack_from("<Q", d, at); return d[at+8:at+8+n].decode(errors="replace"), at+8+n
def skip(d, kind, at):
    if kind == 8: return text(d, at)[1]
    if kind == 9:
        inner, count = struct.unpack_from("<IQ", d, at); at += 12
        if inner in SIZES: return at + SIZES[inner]*count
        for _ in range(count): at = skip(d, inner, at)
        return at
    return at + SIZES[kind]
def main(path, out):
    d = gzip.open(path).read() if path.endswith(".gz") else open(path, "rb").read()
    _, nt, nk = struct.unpack_from("<IQQ", d, 4)
    pos = 24; keys = []; arch = ""; align = 32
    for _ in range(nk):
        start = pos; key, after = text(d, pos); (kind,) = struct.unpack_from("<I", d, after); pos = skip(d, kind, after+4)
        if key == "general.architecture": arch = text(d, after+4)[0]
        if key == "general.alignment": (align,) = struct.unpack_from("<I", d, after+4)
        keys.append((key, d[start:pos]))
    tstart = pos; vocab = 0; end = 0
    for _ in range(nt):
        name, pos = text(d, pos); (axes,) = struct.unpack_from("<I", d, pos)
        ne = struct.unpack_from("<%dQ" % axes, d, pos+4); kind, off = struct.unpack_from("<IQ", d, pos+4+8*axes); pos += 4+8*axes+12
        n = 1
        for x in ne: n *= x
        b, s = TYPE[kind]; end = max(end, off + n//b*s)
        if name == "token_embd.weight": vocab = ne[1]
    have = {k for k, _ in keys}
    extra = []
    def s(x): e = x.encode(); return struct.pack("<Q", len(e)) + e
    if "tokenizer.ggml.model" not in have:
        extra.append(s("tokenizer.ggml.model") + struct.pack("<I", 8) + s("no_vocab"))
        if arch + ".vocab_size" not in have:
            extra.append(s(arch + ".vocab_size") + struct.pack("<II", 4, vocab))
    body = b"".join(b for _, b in keys) + b"".join(extra)
    head = b"GGUF" + struct.pack("<IQQ", 3, nt, nk + len(extra)) + body + d[tstart:pos]
    data = (len(head) + align - 1)//align*align
    with open(out, "wb") as f:
        f.write(head); f.truncate(data + (end + align - 1)//align*align)
    return arch, end
if __name__ == "__main__":
    for p in sys.argv[2:]:
        base = os.path.basename(p)
        for suffix in (".gz", ".gguf", ".header"): base = base.removesuffix(suffix)
        print(base, *main(p, os.path.join(sys.argv[1], base + ".gguf")))
