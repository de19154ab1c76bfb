"""How much is fuzzed in one run."""

from tests.mock_venue.fuzz import test_control, test_frames, test_http, test_rest

MALFORMED_MIN = 10_000


def test_a_run_sends_at_least_ten_thousand_malformed_requests_and_frames() -> None:
    requests = test_rest.SEEDS * test_rest.REFUSED + test_http.SEEDS * test_http.SENT
    messages = 2 * test_frames.SEEDS * test_frames.SENT + 3 * test_frames.BROKEN
    control = test_control.SEEDS * test_control.REFUSED
    assert requests + messages + control >= MALFORMED_MIN
