"""Certificates of every kind, made on request, and servers on loopback that show them."""

import ipaddress
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
YEAR = timedelta(days=365)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def issue(
    *names: str,
    by: Issued | None = None,
    days: tuple[int, int] = (-30, 30),
    is_authority: bool = False,
    key: Key | None = None,
) -> Issued:
    """Make a certificate for names, the first its common name, valid from and to these days from now. Self-signed
    unless an issuer is given."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=False)
    return Issued(builder.sign(by.key if by else key, hashes.SHA256()), key)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def server_context(folder: Path, issued: Issued, *chain: Issued) -> ssl.SSLContext:
    """Make the context of a server that shows a certificate, with the others of its chain."""
    key = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / f"{issued.certificate.serial_number:x}.pem"
    path.write_bytes(b"".join([issued.pem, *(one.pem for one in chain), key]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(path)
    return context


def only_old(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a server's context speak TLS 1.0 and 1.1 only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


def by_name(contexts: Mapping[str, ssl.SSLContext], default: ssl.SSLContext) -> ssl.SSLContext:
    """Let a server choose its certificate by the name that the client sends (SNI)."""

    def choose(shaking: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        shaking.context = contexts.get(name or "", default)

    default.sni_callback = choose
    return default


@contextmanager
def serving(context: ssl.SSLContext | None, address: str = "127.0.0.1") -> Iterator[int]:
    """Answer every request on a port of loopback with "ok", over TLS if there is a context. Gives the port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _serve(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(5)
        try:
            with context.wrap_socket(connection, server_side=True) if context else connection as secured:
                if secured.recv(65536):
                    secured.sendall(ANSWER if context else ANSWER.replace(b"200 OK", b"400 Bad Request"))
        except OSError:
            connection.close()
