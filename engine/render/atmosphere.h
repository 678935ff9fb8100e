#pragma once
// Sunlight in the air: single and multiple scattering after Hillaire (2020), "A Scalable and Production Ready Sky and
// Atmosphere Rendering Technique", with the transmittance table's mapping of Bruneton and Neyret (2008). Air, aerosol and
// ozone around a round Earth. Pure; the same input gives the same bits. Colours are linear sRGB, light is per unit of
// sunlight above the atmosphere.

#include <vector>

#include <glm/glm.hpp>

namespace matou::render {

/// What floats in the air near the ground.
struct Aerosol {
    /// Extinction per metre at the ground; visibility is 3.9 / (extinction + that of clean air).
    glm::vec3 extinction{1e-4f};
    float albedo = 0.92f;        // share that is scattered, not absorbed
    float heightMeters = 1200.0f; // it thins out to 1/e over this
    float g = 0.78f;             // mean cosine of scattering (Cornette-Shanks)
};

class Atmosphere {
public:
    /// Makes the tables of transmittance and multiple scattering. Cost: some 30 ms; keep it per weather.
    explicit Atmosphere(const Aerosol& aerosol);

    /// What reaches the eye from a direction `elevation` above the horizon and `azimuth` from the sun, all in radians, from an eye
    /// `heightMeters` over the ground. Directions below the horizon end on a ground of albedo 0.15.
    glm::vec3 radiance(double heightMeters, double elevation, double azimuth, double sunElevation) const;

    /// Light that the air adds over level distances `metersAscending` in a direction `azimuth` from the sun.
    void scatteredOver(double heightMeters, double azimuth, double sunElevation, const std::vector<double>& metersAscending,
                       std::vector<glm::vec3>& out) const;

    /// Share of sunlight at a place, 0 in the Earth's shadow.
    glm::vec3 sunlight(double heightMeters, double sunElevation) const;

    /// Extinction of clean air per metre at the ground.
    static glm::vec3 rayleigh();
    const Aerosol& aerosol() const { return _aerosol; }

private:
    struct Sample {
        glm::vec3 rayleigh, mie, extinction; // scattering of both, extinction of all
    };
    Sample mediumAt(double radius) const;
    glm::vec3 transmittance(double radius, double cosine) const; // to the top, from the table
    glm::vec3 sunAt(double radius, double sunCosine) const;
    glm::vec3 scatteredTwice(double radius, double sunCosine) const; // and more often
    void makeTransmittance();
    void makeMultiple();

    Aerosol _aerosol;
    std::vector<glm::vec3> _transmittance, _multiple;
};

} // namespace matou::render
