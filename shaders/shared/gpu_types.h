// Structs that the host writes and shaders read. Included by C++ and by GLSL (scalar block layout); sizes are asserted for
// the host in shaders/shared/host.h. Only 4-byte scalars, vectors, mat4 and 64-bit addresses.
#ifndef MATOU_SHARED_GPU_TYPES_H
#define MATOU_SHARED_GPU_TYPES_H

#define MATOU_CASCADES 4

// One placed primitive: rows of contentFromMesh.
struct GpuInstance {
    vec4 row0, row1, row2;
    uint feature; // row, wins over the vertices' own where not kNoFeature
    uint reserved0, reserved1, reserved2;
};

struct GpuMaterial {
    vec4 baseColor;
    vec3 emissive;
    float alphaCutoff;
    float metallic, roughness;
    uint unlit;
    uint baseColorTexture, metallicRoughnessTexture, normalTexture, emissiveTexture, occlusionTexture;
};

// `seed` is a hash of the feature's own id, the same in every run; `number` differs from run to run.
struct GpuFeatureRow {
    uint number;
    uint seed;
};

struct GpuStyle {
    uint tint; // RGBA8 sRGB, alpha is strength
    uint flags;
};

struct GpuDraw {
    mat4 eyeFromContent; // east-north-up metres about the eye
    uint64_t instances, material, features;
    uint featureRows;
    uint role;
    float depthPull;       // clip.z is scaled by 1 + depthPull, but the pull never exceeds pullLimit metres
    float pullLimitMeters;
    uint reserved0, reserved1;
};

// All radiances are exposed already.
struct GpuView {
    mat4 clipFromEye;
    mat4 eyeFromClipFar; // direction of a pixel: xyz of eyeFromClipFar * (ndc.x, ndc.y, 1, 0), not normalized
    mat4 shadowFromEye[MATOU_CASCADES];
    vec4 cascadeTexelMeters; // per cascade
    vec4 cascadeFarMeters;   // distance along the view where each ends
    vec4 sun;                // xyz towards the light, w: 1 with shadows
    vec4 sunRadiance;        // xyz, w: cosine of the disc's radius
    vec4 skyAmbient;         // irradiance / pi from above; w: night 0..1 (windows, street light)
    vec4 groundAmbient;      // from below
    vec4 irradiance[9];      // of the surroundings / pi: lib/light.glsl's environmentDiffuse
    vec4 probe;              // xy: x axis of the probe's frame in the shading frame, z: texels of its first level
    vec4 air;                // extinction per metre at the ground, w: 1 / scale height of haze
    vec4 airMie;             // the part of it that thins out with height
    vec4 moon;               // xyz towards the moon, w: lit fraction
    vec4 forward;            // xyz view axis, w: seconds for waves
    vec4 anchor;             // xy: eye east, north relative to the anchor, modulo 1024 m; z: eye height over the anchor; w: exposure
    vec4 sunDisc;            // xyz towards the true sun (sky), w: sky table's exposure
    vec4 target;             // x, y, width, height of the view in pixels
    vec4 options;            // x: look, y: weather, z: neutral, w: shadow map size in texels
    vec4 accent;             // selection colour, linear; w: near distance for marks
    vec4 clearColor;         // sky of plan and neutral looks, display-linear; w: stars 0..1 in the others
};

// One overlay quad: an icon, a plate or a glyph, in drawing order.
#define MATOU_QUAD_PLATE 100
#define MATOU_QUAD_GLYPH 101
#define MATOU_QUAD_HALO 102
struct GpuOverlayQuad {
    vec4 anchor; // xyz relative to the eye, w: strength where hidden (1: always visible)
    vec4 rect;   // pixels relative to the anchor, y down
    vec4 texels; // glyphs: place in the atlas
    uint kind;   // IconShape, or one of the above
    uint fill, outline; // RGBA8 sRGB
    float edgePixels;   // outline or halo
    uint hollow, reserved0, reserved1, reserved2;
};

struct GpuLineSegment {
    vec4 a, b; // xyz relative to the eye, w: metres along the line
    uint color;
    float widthPixels;
    uint dashed;
    float hiddenFactor;
};

struct GpuAreaVertex {
    vec3 position;
    uint color;
    float hiddenFactor;
};

#endif
