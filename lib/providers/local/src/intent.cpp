#include "intent.hpp"

#include "intent_lexicon.hpp"
#include "intent_words.hpp"
#include "rng.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

namespace music::local {

namespace {

/// What a word is worth: any number of scenes loses to an instrument of the same text, anything loses to a genre.
constexpr int genre_vote = 1000;
constexpr int instrument_vote = 36;
constexpr int scene_vote = 10;
constexpr int second_style_percent = 60;

constexpr int theme_weight = 3;
constexpr int tags_weight = 3;
constexpr int prompt_weight = 1;

using lexicon_index = std::unordered_map<std::string_view, const lexeme*>;

const lexicon_index& index() {
  static const lexicon_index built = [] {
    lexicon_index map;
    for (const auto& entry : lexicon()) {
      map.emplace(entry.word, &entry);
    }
    return map;
  }();
  return built;
}

/// The entry for `word`, or for what it is the plural of.
const lexeme* look_up(const std::string& word) {
  const auto& known = index();
  auto found = known.find(word);
  if (found == known.end() && word.size() > 3 && word.back() == 's') {
    found = known.find(std::string_view{word}.substr(0, word.size() - 1));
  }
  return found == known.end() ? nullptr : found->second;
}

class reader {
 public:
  reader() : votes_(all_styles().size(), 0) {}

  void read(std::string_view text, int weight) {
    const auto words = split_words(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i + 1 < words.size()) {
        if (const auto* pair = look_up(words[i] + ' ' + words[i + 1])) {
          hear(*pair, weight, is_negated(words, i));
          ++i;
          continue;
        }
      }
      if (const auto* single = look_up(words[i])) {
        hear(*single, weight, is_negated(words, i));
      }
    }
    const auto lower = lower_case(text);
    for (const auto& entry : unspaced_lexicon()) {
      if (lower.find(entry.word) != std::string::npos) {
        hear(entry, weight, false);
      }
    }
    read_outright(words);
  }

  intent conclude(const composition_request& request) {
    result_.valence = mood_weight_ == 0 ? 0 : std::clamp(valence_ / mood_weight_, -100, 100);
    result_.arousal = mood_weight_ == 0 ? 0 : std::clamp(arousal_ / mood_weight_, -100, 100);
    const auto* named = request.style ? find_style(*request.style) : nullptr;
    result_.chosen = named != nullptr ? named : elect(hash_text(request.theme));
    return result_;
  }

 private:
  void hear(const lexeme& entry, int weight, bool negated) {
    if (negated) {
      vote(entry, -2 * weight);
      return;
    }
    vote(entry, weight);
    if (entry.valence != 0 || entry.arousal != 0) {
      valence_ += weight * entry.valence;
      arousal_ += weight * entry.arousal;
      mood_weight_ += weight;
    }
    if (entry.program >= 0 && !result_.lead_program) {
      result_.lead_program = entry.program;
    }
  }

  void vote(const lexeme& entry, int weight) {
    const int worth = entry.kind == word_class::genre        ? genre_vote
                      : entry.kind == word_class::instrument ? instrument_vote
                                                             : scene_vote;
    int share = 100;
    auto rest = entry.styles;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(' '), rest.size());
      if (const auto* s = find_style(rest.substr(0, end))) {
        votes_[static_cast<std::size_t>(s - all_styles().data())] += weight * worth * share / 100;
      }
      share = share * second_style_percent / 100;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    heard_ = heard_ || entry.kind != word_class::mood || !entry.styles.empty();
  }

  void read_outright(const std::vector<std::string>& words) {
    if (!result_.bpm) {
      result_.bpm = find_bpm(words);
    }
    if (const auto key = find_key(words); key && !result_.key_root) {
      result_.key_root = key->root;
      result_.minor = key->minor;
    }
    if (!result_.minor) {
      result_.minor = find_mode(words);
    }
    if (result_.tempo_percent == 100) {
      result_.tempo_percent = find_tempo_percent(words);
    }
    result_.without_drums = result_.without_drums || refuses_drums(words);
  }

  /// The style with most votes; moods count as nearness in the plane of valence and arousal. Without any word that
  /// we know, the hash of the theme decides.
  [[nodiscard]] const style* elect(std::uint64_t luck) const {
    const auto& styles = all_styles();
    if (!heard_ && mood_weight_ == 0) {
      return &styles[mix_bits(luck) % styles.size()];
    }
    std::size_t best = 0;
    int best_score = std::numeric_limits<int>::min();
    for (std::size_t i = 0; i < styles.size(); ++i) {
      const int distance = std::abs(styles[i].valence - result_.valence) + std::abs(styles[i].arousal - result_.arousal);
      const int nearness = mood_weight_ == 0 ? 0 : 24 - distance / 8;
      const int score = 4 * (votes_[i] + nearness) + static_cast<int>(mix_bits(luck + i) % 4);
      if (score > best_score) {
        best_score = score;
        best = i;
      }
    }
    return &styles[best];
  }

  std::vector<int> votes_;
  intent result_;
  int valence_ = 0;
  int arousal_ = 0;
  int mood_weight_ = 0;
  bool heard_ = false;
};

}  // namespace

intent read_intent(const composition_request& request) {
  reader r;
  r.read(request.theme, theme_weight);
  r.read(request.tags, tags_weight);
  r.read(request.prompt, prompt_weight);
  return r.conclude(request);
}

}  // namespace music::local
