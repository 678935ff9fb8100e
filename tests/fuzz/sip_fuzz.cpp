// What a stranger sends to the SIP port: as a datagram, cut out of a stream, and as a body of a device that has registered.
#include <cstdint>
#include <string_view>

#include "live/gb_body.h"
#include "live/gb_catalog.h"
#include "live/sip_digest.h"
#include "live/sip_message.h"
#include "live/video_platform.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace matou;
    using namespace matou::live;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(sip::wholeMessage(bytes, "F"));
    static_cast<void>(sip::parseAuthorization(bytes));
    if (const auto message = sip::parse(bytes, "F")) {
        // What was read is answered, and what is written is read again.
        if (message->request() && !sip::parse(sip::write(sip::answer(*message, 200, "OK", "t", "192.0.2.7", 5060)), "F")) __builtin_trap();
    }
    if (const auto body = gb::parseBody(bytes, "F")) {
        static_cast<void>(gb::alarmItem(*body, core::Instant(core::Duration(1767225600000)), "d"));
        gb::CatalogPages pages(1, core::Duration(0));
        static_cast<void>(pages.add(body->members, core::Duration(0)));
    }
    static auto registry = std::make_shared<const twin::Registry>();
    gb::PlatformSettings settings;
    settings.id = "34020000002000000001";
    settings.address = "192.0.2.1:5060";
    settings.district = "f";
    settings.registrar.realm = "3402000000";
    static auto platform = gb::VideoPlatform::create(settings, std::move(*createMappings(gb::mappingsWithDefaults({}, {}, "wgs84"), "f", registry)), registry);
    static core::Duration steady(1);
    const gb::Now now{core::Instant(core::Duration(1767225600000) + steady), ++steady};
    platform->receive({"192.0.2.7", 5060, 1}, bytes, now);
    platform->tick(now);
    static_cast<void>(platform->take());
    return 0;
}
