#include "moods.hpp"

#include <array>

namespace music::templates {
namespace {

constexpr std::array mood_table{
    mood_words{"melancholy", "sad|lonely|loss|tears|cry|grief|goodbye|broken|heartbreak|triste|traurig|грусть|печаль|悲|슬픈"},
    mood_words{"joyful", "happy|joy|smile|celebration|birthday|fun|laugh|feliz|fröhlich|joyeux|радость|счастье|幸|기쁨"},
    mood_words{"dark", "dark|horror|ghost|evil|fear|nightmare|vampire|haunted|death|тьма|страх|oscuro|dunkel|闇"},
    mood_words{"peaceful", "calm|peaceful|quiet|gentle|relax|relaxing|silence|tranquil|покой|тишина|tranquilo|ruhig|静"},
    mood_words{"romantic", "love|romance|wedding|kiss|heart|amor|liebe|amour|любовь|愛|사랑"},
    mood_words{"triumphant", "triumph|victory|win|champion|glory|победа|victoria|sieg|勝"},
    mood_words{"dreamy", "dream|dreams|dreamy|clouds|floating|сон|мечта|sueño|traum|rêve|夢|꿈"},
    mood_words{"mysterious", "mystery|mysterious|secret|ancient|magic|тайна|misterio|geheimnis|神秘"},
    mood_words{"furious", "angry|rage|fury|anger|гнев|wut|ira|怒"},
};

}  // namespace

std::span<const mood_words> moods() noexcept { return mood_table; }

}  // namespace music::templates
