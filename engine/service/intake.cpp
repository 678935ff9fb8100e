#include "service/intake.h"

#include "live/charset.h"
#include "live/csv.h"

namespace matou::service {

core::Result<Intake> Intake::create(const FeedContext& context) {
    Intake intake;
    MATOU_TRY(mappings, live::createMappings(context.config.mappings, context.district->id, context.district->registry));
    intake._mappings = std::move(mappings);
    intake._format = context.config.format;
    intake._charset = context.config.charset;
    intake._separator = context.config.separator;
    intake._index = context.index;
    intake._inbox = context.inbox;
    intake._clock = context.clock;
    return intake;
}

void Intake::push(live::Message message) {
    message.feed = _index;
    _inbox->push(std::move(message));
}

void Intake::refuse(core::Error error) {
    live::FeedNotes notes;
    notes.refused = 1;
    notes.error = std::move(error);
    _inbox->note(_index, std::move(notes));
}

Intake::Taken Intake::take(std::string_view bytes, const std::string& where, std::uint64_t token, bool kept) {
    const auto text = live::toUtf8(bytes, _charset);
    auto payload = _format == "csv" ? live::parseCsv(text.utf8, where, _separator) : core::parseJson(text.utf8, where, {.depth = 32, .bytes = std::size_t{64} << 20});
    if (payload) return takeJson(*payload, where, token, kept);
    refuse(payload.error());
    return {0, 1, {std::move(payload).error()}};
}

Intake::Taken Intake::takeJson(const core::Json& payload, const std::string& where, std::uint64_t token, bool kept) {
    live::Mapped mapped;
    for (const auto& mapping : _mappings)
        mapping.apply(payload, where, _clock->now(), mapped);
    Taken taken{mapped.messages.size(), mapped.refusedCount, mapped.refused};
    live::FeedNotes notes;
    notes.refused = mapped.refusedCount;
    notes.unclassified = mapped.unclassified;
    if (!mapped.refused.empty()) notes.error = std::move(mapped.refused.back());
    _inbox->note(_index, std::move(notes));
    for (std::size_t i = 0; i < mapped.messages.size(); ++i) {
        if (i + 1 == mapped.messages.size()) mapped.messages[i].acknowledge = token;
        mapped.messages[i].retained = kept;
        push(std::move(mapped.messages[i]));
    }
    return taken;
}

} // namespace matou::service
