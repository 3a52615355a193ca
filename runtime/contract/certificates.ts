import { X509Certificate } from "node:crypto";

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/**
 * The certificates of a PEM text, each once, in their order.
 *
 * @throws Error when there is no certificate, an unreadable one or a private key; the message says what is allowed.
 */
export function readCertificates(text: string): readonly X509Certificate[] {
  if (text.includes("PRIVATE KEY-----")) throw new Error("must hold only certificates, but holds a private key");
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new Error("must hold certificates in PEM form (-----BEGIN CERTIFICATE-----), but holds none");
  const certificates = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`must hold certificates in PEM form: number ${index + 1} of ${blocks.length} cannot be read`);
    }
  });
  return [...new Map(certificates.map((certificate) => [certificate.fingerprint256, certificate])).values()];
}

/** Certificates as text, without comments. */
export function certificateText(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join("");
}
