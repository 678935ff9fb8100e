// Cuts the holes of a mask in passes without shading (maskFrom of geometry.glsl).
#include "lib/frame.glsl"
#include "lib/textures.glsl"
#include "lib/spray.glsl"
layout(location = 2) in vec2 maskUv;
layout(location = 3) in float maskAlpha;
layout(location = 4) flat in uint maskTexture;
layout(location = 5) flat in float maskCutoff;
void cutMask() {
    if ((maskTexture & 0x80000000u) != 0u) {
        if (sprayAt(maskUv, pixelOn(dFdx(maskUv), dFdy(maskUv)), maskTexture & 0xffu).inside < 0) discard;
        return;
    }
    if (maskAlpha * texture(textures[nonuniformEXT(maskTexture)], maskUv).a < maskCutoff) discard;
}
