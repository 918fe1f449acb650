"""Signing key: Ed25519 in a PEM file, readable by its owner only."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from domain.errors import ExpectedError
from infra.integrity.heads import key_id_of
from infra.runtime.private_files import make_private_folder


class SigningKeyError(ExpectedError):
    """The signing key is missing, is none, or is not the one that signs this log."""


class SigningKey:
    """A private key at hand."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        """Use the key."""
        self._private = private
        self.public_key = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
        self.key_id = key_id_of(self.public_key)

    @classmethod
    def generate(cls) -> SigningKey:
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """The key of a file.

        Raises:
            SigningKeyError: there is none, it cannot be read, or it is no Ed25519 key.
        """
        try:
            private = load_pem_private_key(path.read_bytes(), None)
        except OSError as error:
            msg = f"no signing key at {path}: {error.strerror}. Put it back, or name it in CAREJOURNEY_SIGNING_KEY_FILE"
            raise SigningKeyError(msg) from None
        except (ValueError, TypeError):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            msg = f"{path} is no Ed25519 key in PEM (openssl genpkey -algorithm ed25519 makes one)"
            raise SigningKeyError(msg)
        return cls(private)

    def write(self, path: Path) -> None:
        """Write it with mode 600: whole or not at all, and never over another one.

        Raises:
            SigningKeyError: the folder cannot be written, or a key is there.
        """
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            make_private_folder(path.parent)
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)
            settle(path.parent)
        except OSError as error:
            msg = f"the signing key cannot be written to {path}: {error.strerror}"
            raise SigningKeyError(msg) from None
        finally:
            part.unlink(missing_ok=True)

    def sign(self, statement: bytes) -> str:
        """The signature of a statement, in hex."""
        return self._private.sign(statement).hex()


def is_signed(statement: bytes, signature: str, public_key: str) -> bool:
    """Whether the holder of a public key signed the statement."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def settle(folder: Path) -> None:
    """Have a folder's entries on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
