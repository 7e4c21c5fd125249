"""Hashed character pairs: what search and duplicates compare."""

from hypothesis import given
from hypothesis import strategies as st

from hotline.lib.bigrams import bigram_hashes, jaccard, query_hashes

HANZI = st.text("路灯不亮中山东水管漏停电噪音", max_size=30)


def test_a_text_gives_one_hash_for_each_pair():
    assert len(bigram_hashes("路灯不亮")) == 3


@given(st.text())
def test_hashes_are_sorted_unique_and_fit_int4(text):
    hashes = bigram_hashes(text)
    assert hashes == sorted(set(hashes))
    assert all(-(2**31) <= number < 2**31 for number in hashes)


def test_hashes_stay_the_same_for_ever():
    assert bigram_hashes("路灯") == [-1268370355]  # rows in the database hold it


def test_space_punctuation_width_and_case_do_not_matter():
    assert bigram_hashes("中山东路 88 号，Ａ座！") == bigram_hashes("中山东路88号a座")


def test_a_single_character_has_its_own_hash():
    assert len(bigram_hashes("灯")) == 1
    assert bigram_hashes("灯") != bigram_hashes("路")


def test_an_empty_text_has_no_hash():
    assert bigram_hashes("，。 ") == []


def test_a_text_is_quite_like_itself():
    assert jaccard(bigram_hashes("路灯不亮"), bigram_hashes("路灯不亮")) == 1.0


def test_texts_without_a_shared_pair_are_not_alike():
    assert jaccard(bigram_hashes("路灯不亮"), bigram_hashes("停水三天")) == 0.0


def test_nothing_is_like_nothing():
    assert jaccard([], []) == 0.0


def test_half_of_the_pairs_shared_is_a_third_alike():
    assert jaccard([1, 2], [2, 3]) == 1 / 3


@given(HANZI, HANZI)
def test_likeness_is_mutual(one, other):
    assert jaccard(bigram_hashes(one), bigram_hashes(other)) == jaccard(
        bigram_hashes(other), bigram_hashes(one)
    )


@given(HANZI, HANZI, HANZI)
def test_a_text_that_holds_the_word_is_never_missed(before, word, after):
    assert set(query_hashes([word])) <= set(bigram_hashes(before + word + after))


def test_pairs_across_words_are_not_asked_for():
    assert query_hashes(["路灯", "不亮"]) == sorted(bigram_hashes("路灯") + bigram_hashes("不亮"))


def test_a_word_of_one_character_is_left_to_the_recheck():
    assert query_hashes(["灯", " "]) == []
