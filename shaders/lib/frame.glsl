// What every pass sees of its view.
#extension GL_EXT_scalar_block_layout : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#include "shared/gpu_types.h"

layout(set = 0, binding = 0, scalar) uniform ViewBlock { GpuView view; };

const uint kLookNatural = 0, kLookMonitor = 1, kLookPlan = 2, kLookNight = 3;
const float kPi = 3.14159265;

float luminance(vec3 c) { return dot(c, vec3(0.2126, 0.7152, 0.0722)); }

vec3 linearFromSrgb(vec3 c) {
    return mix(pow((c + 0.055) / 1.055, vec3(2.4)), c / 12.92, lessThanEqual(c, vec3(0.04045)));
}
vec3 srgbFromLinear(vec3 c) {
    c = max(c, vec3(0));
    return mix(1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055, c * 12.92, lessThanEqual(c, vec3(0.0031308)));
}
// GpuStyle::tint, linear; w: strength.
vec4 tintFrom(uint bits) {
    vec4 t = unpackUnorm4x8(bits);
    return vec4(linearFromSrgb(t.rgb), t.a);
}

// Integer hash: Jenkins' one-at-a-time finalizer in spirit; any good mixing will do.
uint mixBits(uint x) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}
float unitFrom(uint x) { return float(x >> 8) * (1.0 / 16777216.0); }
