// The demo's own certificate authority and the certificates of its programs, by openssl.
import { existsSync, writeFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./process.mjs";

const DAYS = "825";

export async function makeAuthority(folder) {
    mkdirSync(folder, { recursive: true });
    const ca = { certificate: join(folder, "ca.pem"), key: join(folder, "ca.key") };
    if (existsSync(ca.certificate)) return ca;
    await run("openssl", [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", ca.key, "-out", ca.certificate, "-days", DAYS,
        "-subj", "/O=Tongping demo/CN=Tongping demo CA",
        "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    ]);
    return ca;
}

/** A certificate for 127.0.0.1 and localhost that serves and calls under `commonName`. */
export async function makeCertificate(ca, folder, commonName) {
    mkdirSync(folder, { recursive: true });
    const made = { certificate: join(folder, "cert.pem"), key: join(folder, "cert.key") };
    if (existsSync(made.certificate)) return made;
    const request = join(folder, "cert.csr");
    const extensions = join(folder, "cert.ext");
    writeFileSync(
        extensions,
        "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n" +
            "extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n",
    );
    await run("openssl", [
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", made.key, "-out", request, "-subj", `/O=Tongping demo/CN=${commonName}`,
    ]);
    await run("openssl", [
        "x509", "-req", "-in", request, "-CA", ca.certificate, "-CAkey", ca.key, "-CAcreateserial",
        "-out", made.certificate, "-days", DAYS, "-extfile", extensions,
    ]);
    rmSync(request);
    rmSync(extensions);
    return made;
}
