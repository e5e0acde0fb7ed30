"""Where the local stack lives: its ports, its folder, and the environment its programs run in."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
REGION = "us-east-1"
STACK_NAME = "clarion"
EMAIL_FROM = "news@clarion.example"
MESSAGES_PATH = "/inbox/messages"
"""Where the development channels hand in texts, posts and ads."""


class LocalError(Exception):
    """A step of the local stack failed; the message is the one line the user gets."""


@dataclass(frozen=True)
class Settings:
    """One local stack. Several can run side by side when their folders and ports differ."""

    home: Path
    port: int
    web_port: int
    vendor_urls: str = ""

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read CLARION_LOCAL_HOME (a folder), CLARION_PORT (AWS endpoint), CLARION_WEB_PORT and CLARION_VENDOR_URLS
        (``platform=url`` of vendors on this machine, separated by blanks)."""
        return cls(
            home=Path(os.environ.get("CLARION_LOCAL_HOME", ROOT / ".local")).resolve(),
            port=_port("CLARION_PORT", 4566),
            web_port=_port("CLARION_WEB_PORT", 8080),
            vendor_urls=os.environ.get("CLARION_VENDOR_URLS", ""),
        )

    @property
    def endpoint_url(self) -> str:
        """The AWS endpoint, as in AWS_ENDPOINT_URL."""
        return f"http://{HOST}:{self.port}"

    @property
    def web_url(self) -> str:
        """The one URL for people: the API's routes and the inbox."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def messages_url(self) -> str:
        """Where the functions hand in texts, posts and ads."""
        return f"{self.web_url}{MESSAGES_PATH}"

    @property
    def state(self) -> Path:
        """Everything the emulator keeps between runs."""
        return self.home / "state"

    @property
    def deployed_file(self) -> Path:
        """What is deployed: `{"hash": …, "outputs": {…}, "functions": {logical: physical}}`."""
        return self.state / "deployed.json"

    @property
    def pid_file(self) -> Path:
        """The running emulator: `{"pid": …, "port": …, "web_port": …}`."""
        return self.home / "emulator.json"

    @property
    def emulator_log(self) -> Path:
        """What the emulator and the functions in it say."""
        return self.home / "emulator.log"

    def environment(self) -> dict[str, str]:
        """Return this process's environment with every trace of a real AWS account taken out.

        The credentials are the emulator's own root key; no profile and no file below the home directory is
        read, so that nothing local can ever reach a real account.
        """
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAM_"))}
        bin_folder = str(Path(sys.executable).parent)
        return kept | {
            "PATH": os.pathsep.join([bin_folder, kept.get("PATH", os.defpath)]),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_CHECK_VERSION": "0",
        }

    def emulator_environment(self) -> dict[str, str]:
        """Return `environment()` with what the emulator reads; its functions inherit it."""
        return self.environment() | {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.state / "s3"),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LAMBDA_WARM_TTL_SECONDS": "120",
            "TMPDIR": str(self.home / "tmp"),
        }


def runtime() -> str:
    """Return the Lambda runtime of this interpreter, e.g. `python3.13`."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def architecture() -> str:
    """Return this machine's architecture in Lambda's words."""
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise LocalError(f"{name}={text} is not a port number")
    return int(text)
