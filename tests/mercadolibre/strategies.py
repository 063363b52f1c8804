"""Settings for property tests, and any JSON."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

patient = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

words = st.text(st.characters(codec="utf-8", max_codepoint=0x3000) | st.sampled_from("\x00\ud800１"), max_size=20)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
