#pragma once
// The table behind image-based specular light: what a GGX surface returns of an even environment, split into a scale and a bias
// of F0 (Karis 2013, "Real shading in Unreal Engine 4"). make_split_sum writes it at build; programs carry it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <glm/glm.hpp>

namespace matou::resident {

/// x: scale, y: bias of F0 for GGX with height-correlated Smith shadowing; z: albedo of Charlie sheen of colour 1.
/// `cosine` of the angle of sight, `roughness` perceptual, both 0..1. Quadrature of `points` × `points` over visible normals
/// (Heitz 2018).
glm::dvec3 splitSum(double cosine, double roughness, int points);

/// 64 keeps bilinear reading within 0.2 % of the integral where the cosine is 0.02 or more.
inline constexpr std::uint32_t kSplitSumSize = 64;
/// Rows: roughness; columns: the square root of the cosine, which spends texels where the edge is steep. The ends are 0 and 1.
std::vector<glm::vec4> splitSumTable(std::uint32_t size);

/// The table that programs carry: RGBA16F, kSplitSumSize squared.
std::span<const std::byte> embeddedSplitSum();

} // namespace matou::resident
