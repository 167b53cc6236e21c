"""Content Credentials: signed statements about a picture's origin (C2PA specification 2.2)."""

from retint.credentials.library import EXTRA as EXTRA
from retint.credentials.library import is_there as is_there
from retint.credentials.library import type_of as type_of
from retint.credentials.reading import Credentials as Credentials
from retint.credentials.reading import has_credentials as has_credentials
from retint.credentials.reading import read as read
from retint.credentials.results import Signing as Signing
from retint.credentials.results import original_of as original_of
from retint.credentials.signing import Original as Original
from retint.credentials.signing import Signer as Signer
from retint.credentials.signing import check_type as check_type
from retint.credentials.signing import sign_file as sign_file
from retint.credentials.signing import signed as signed
