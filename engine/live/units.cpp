#include "live/units.h"

#include <algorithm>
#include <iterator>

namespace matou::live {
namespace {

/// value in the dimension's base unit = value * factor + offset
struct Unit {
    std::string_view code;
    int dimension;
    double factor;
    double offset = 0;
};

enum Dimension : int {
    kNumber, kLength, kArea, kVolume, kTime, kSpeed, kFlow, kMass, kConcentration, kTemperature, kPressure, kForce, kEnergy, kPower,
    kVoltage, kCurrent, kResistance, kFrequency, kAngle, kSound, kLight, kIrradiance, kDose, kConductivity, kObscuration, kRate, kAcidity
};

constexpr Unit kUnits[] = {
    {"1", kNumber, 1}, {"%", kNumber, 1e-2}, {"[ppth]", kNumber, 1e-3}, {"[ppm]", kNumber, 1e-6}, {"[ppb]", kNumber, 1e-9},
    {"m", kLength, 1}, {"km", kLength, 1e3}, {"dm", kLength, 0.1}, {"cm", kLength, 1e-2}, {"mm", kLength, 1e-3}, {"um", kLength, 1e-6},
    {"[ft_i]", kLength, 0.3048}, {"[in_i]", kLength, 0.0254},
    {"m2", kArea, 1}, {"km2", kArea, 1e6}, {"har", kArea, 1e4}, {"cm2", kArea, 1e-4},
    {"m3", kVolume, 1}, {"L", kVolume, 1e-3}, {"l", kVolume, 1e-3}, {"mL", kVolume, 1e-6},
    {"s", kTime, 1}, {"ms", kTime, 1e-3}, {"min", kTime, 60}, {"h", kTime, 3600}, {"d", kTime, 86400},
    {"m/s", kSpeed, 1}, {"km/h", kSpeed, 1 / 3.6}, {"cm/s", kSpeed, 1e-2}, {"mm/s", kSpeed, 1e-3}, {"mm/min", kSpeed, 1e-3 / 60},
    {"mm/h", kSpeed, 1e-3 / 3600}, {"mm/d", kSpeed, 1e-3 / 86400}, {"[kn_i]", kSpeed, 1852.0 / 3600},
    {"m3/s", kFlow, 1}, {"m3/h", kFlow, 1.0 / 3600}, {"m3/d", kFlow, 1.0 / 86400}, {"L/s", kFlow, 1e-3}, {"L/min", kFlow, 1e-3 / 60},
    {"L/h", kFlow, 1e-3 / 3600},
    {"kg", kMass, 1}, {"g", kMass, 1e-3}, {"mg", kMass, 1e-6}, {"t", kMass, 1e3},
    {"ug/m3", kConcentration, 1}, {"mg/m3", kConcentration, 1e3}, {"g/m3", kConcentration, 1e6}, {"ng/m3", kConcentration, 1e-3},
    {"mg/L", kConcentration, 1e6}, {"ug/L", kConcentration, 1e3}, {"g/L", kConcentration, 1e9},
    {"Cel", kTemperature, 1, 273.15}, {"K", kTemperature, 1}, {"[degF]", kTemperature, 5.0 / 9, 273.15 - 32 * 5.0 / 9},
    {"Pa", kPressure, 1}, {"hPa", kPressure, 100}, {"kPa", kPressure, 1e3}, {"MPa", kPressure, 1e6}, {"bar", kPressure, 1e5},
    {"mbar", kPressure, 100}, {"atm", kPressure, 101325}, {"m[H2O]", kPressure, 9806.65}, {"mm[Hg]", kPressure, 133.322387415},
    {"[psi]", kPressure, 6894.757293168},
    {"N", kForce, 1}, {"kN", kForce, 1e3},
    {"J", kEnergy, 1}, {"kJ", kEnergy, 1e3}, {"MJ", kEnergy, 1e6}, {"GJ", kEnergy, 1e9}, {"W.h", kEnergy, 3600}, {"kW.h", kEnergy, 3.6e6},
    {"MW.h", kEnergy, 3.6e9},
    {"W", kPower, 1}, {"kW", kPower, 1e3}, {"MW", kPower, 1e6},
    {"V", kVoltage, 1}, {"mV", kVoltage, 1e-3}, {"kV", kVoltage, 1e3},
    {"A", kCurrent, 1}, {"mA", kCurrent, 1e-3},
    {"Ohm", kResistance, 1}, {"kOhm", kResistance, 1e3}, {"MOhm", kResistance, 1e6},
    {"Hz", kFrequency, 1}, {"kHz", kFrequency, 1e3}, {"MHz", kFrequency, 1e6},
    {"deg", kAngle, 1}, {"rad", kAngle, 57.295779513082320877}, {"mrad", kAngle, 0.057295779513082320877}, {"'", kAngle, 1.0 / 60},
    {"dB", kSound, 1}, {"dB[SPL]", kSound, 1}, {"dB(A)", kSound, 1},
    {"lx", kLight, 1}, {"klx", kLight, 1e3},
    {"W/m2", kIrradiance, 1}, {"kW/m2", kIrradiance, 1e3},
    {"Sv/h", kDose, 1}, {"uSv/h", kDose, 1e-6}, {"nSv/h", kDose, 1e-9},
    {"S/m", kConductivity, 1}, {"mS/cm", kConductivity, 0.1}, {"uS/cm", kConductivity, 1e-4},
    {"%/m", kObscuration, 1}, {"1/h", kRate, 1}, {"1/min", kRate, 60}, {"1/s", kRate, 3600}, {"1/d", kRate, 1.0 / 24}, {"veh/h", kRate, 1},
    {"{veh}/h", kRate, 1}, {"/h", kRate, 1}, {"/min", kRate, 60}, {"[pH]", kAcidity, 1}, {"pH", kAcidity, 1}};

constexpr std::pair<std::string_view, std::string_view> kSpellings[] = {
    {"℃", "Cel"}, {"°C", "Cel"}, {"C", "Cel"}, {"℉", "[degF]"}, {"°F", "[degF]"}, {"μg/m³", "ug/m3"}, {"µg/m³", "ug/m3"}, {"μg/m3", "ug/m3"},
    {"µg/m3", "ug/m3"}, {"ug/m³", "ug/m3"}, {"mg/m³", "mg/m3"}, {"m³/s", "m3/s"}, {"m³/h", "m3/h"}, {"m³", "m3"}, {"m²", "m2"},
    {"°", "deg"}, {"度", "deg"}, {"米", "m"}, {"毫米", "mm"}, {"厘米", "cm"}, {"ppm", "[ppm]"}, {"ppb", "[ppb]"}, {"kWh", "kW.h"},
    {"mmHg", "mm[Hg]"}, {"％", "%"}, {"%RH", "%"}, {"lux", "lx"}, {"dBA", "dB"}, {"Ω", "Ohm"}, {"μS/cm", "uS/cm"}, {"µS/cm", "uS/cm"},
    {"", "1"}};

const Unit* find(std::string_view code) {
    const auto spelling = std::find_if(std::begin(kSpellings), std::end(kSpellings), [&](const auto& entry) { return entry.first == code; });
    if (spelling != std::end(kSpellings)) code = spelling->second;
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& entry) { return entry.code == code; });
    return unit == std::end(kUnits) ? nullptr : unit;
}

} // namespace

std::optional<double> convertUnit(double value, std::string_view from, std::string_view to) {
    if (from == to) return value;
    const Unit *a = find(from), *b = find(to);
    if (!a || !b || a->dimension != b->dimension) return std::nullopt;
    if (a->factor == b->factor && a->offset == b->offset) return value;
    return (value * a->factor + a->offset - b->offset) / b->factor;
}

bool unitKnown(std::string_view code) {
    return find(code) != nullptr;
}

} // namespace matou::live
