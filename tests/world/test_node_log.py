"""What is read of a node's log."""

from harness.world.node_log import LogEntry, LogLines

TS = "2026-11-21T12:45:24.464252892Z"
TS_NS = 1_795_265_124_464_252_892


def read(*lines: str) -> list[LogEntry]:
    log = LogLines()
    return [entry for line in lines if (entry := log.read(line)) is not None]


def test_warnings_and_errors_are_read_with_their_time() -> None:
    assert read(f"{TS} [WARN] CHAOS-001.Cache: Residual: 1", f"{TS} [INFO] CHAOS-001.Cache: x") == [
        LogEntry("WARN", "CHAOS-001.Cache", "Residual: 1", TS_NS)
    ]


def test_a_log_in_colors_is_read_as_well() -> None:
    line = f"\x1b[1m{TS}\x1b[0m \x1b[1;33m[WARN] A-1.Cache: Residual\x1b[0m"
    assert read(line) == [LogEntry("WARN", "A-1.Cache", "Residual", TS_NS)]


def test_a_traceback_that_belongs_to_an_error_is_not_an_entry_of_its_own() -> None:
    (entry,) = read(
        f"{TS} [ERROR] CHAOS-001.ExecEngine: Error on applying x",
        "ValueError('no')",
        "Traceback (most recent call last):",
        '  File "engine.pyx", line 1',
        "",
    )
    assert entry.message == "Error on applying x"


def test_a_traceback_that_follows_no_error_is_one() -> None:
    after_info = read(f"{TS} [INFO] C: x", "Traceback (most recent call last):")
    after_the_error_ended = read(f"{TS} [ERROR] C: x", "", "Traceback (most recent call last):")
    assert [entry.component for entry in after_info] == ["stderr"]
    assert [entry.component for entry in after_the_error_ended] == ["C", "stderr"]


def test_what_a_dying_process_says_is_read_wherever_it_comes() -> None:
    said = (
        "thread 'tokio-rt-worker' (77) panicked at src/lib.rs:1:1:",
        "Fatal Python error: Segmentation fault",
        "Task exception was never retrieved",
    )
    assert [entry.message for entry in read(f"{TS} [ERROR] C: x", *said)[1:]] == list(said)
