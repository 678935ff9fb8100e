// Cuts the holes of a mask in passes without shading (maskFrom of geometry.glsl).
#include "lib/textures.glsl"
layout(location = 2) in vec2 maskUv;
layout(location = 3) in float maskAlpha;
layout(location = 4) flat in uint maskTexture;
layout(location = 5) flat in float maskCutoff;
void cutMask() {
    if (maskAlpha * texture(textures[nonuniformEXT(maskTexture)], maskUv).a < maskCutoff) discard;
}
