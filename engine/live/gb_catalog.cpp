#include "live/gb_catalog.h"

namespace matou::live::gb {

bool CatalogPages::add(const core::Json& members, core::Duration now) {
    if (numberAt(members, "/SN") != static_cast<double>(_sn)) return false;
    _heard = now;
    const auto sum = numberAt(members, "/SumNum");
    if (sum && *sum >= 0 && *sum <= 1e9) _sum = static_cast<std::size_t>(*sum);
    for (const auto& one : listAt(members, "/DeviceList/Item")) {
        auto item = catalogItem(one);
        if (!item || (_items.size() >= kItems && !_items.contains(item->id))) {
            _refused.insert(std::hash<std::string>()(one.dump(-1, ' ', false, core::Json::error_handler_t::replace)));
            continue;
        }
        _items.insert_or_assign(item->id, std::move(*item));
    }
    return true;
}

} // namespace matou::live::gb
