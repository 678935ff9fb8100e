// What the passes that draw around things share.
layout(set = 0, binding = 13) uniform sampler2D maskImage;
layout(push_constant, scalar) uniform Push {
    ivec4 part;     // x, y, width, height of what can have an outline
    uint outline, casing;
    uint mark[4];
    uint marksOn;
} push;

int reachPixels() { return int(ceil(min(view.aids.w, 12.0))) + 3; }
bool inPart(ivec2 p) { return all(greaterThanEqual(p, push.part.xy)) && all(lessThan(p, push.part.xy + push.part.zw)); }
vec2 maskAt(ivec2 p) { return inPart(p) ? texelFetch(maskImage, p, 0).xy : vec2(0); }
